#include "send_request.hpp"

#include <fmt/format.h>

#include "send_source.hpp"

using namespace tcpkit;

namespace {

/// Printable and never twice the same for long, so that a reply which is shifted or torn is not taken for an echo.
std::string made_up(std::uint64_t size) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
  static_assert(kLetters.size() == 63);
  std::string bytes(size, '\0');
  std::uint64_t round = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (at % kLetters.size() == 0) ++round;
    bytes[at] = kLetters[(at + round * round) % kLetters.size()];
  }
  return bytes;
}

}  // namespace

Result<std::string> make_request(const SendPlan& plan, Clock::time_point deadline) {
  const LoadMode mode = plan.load.mode;
  if (!plan.has_message) return made_up(plan.size);
  Result<std::string> bytes = Message::read_whole(plan.message, deadline);
  const std::size_t least = mode == LoadMode::WriteWriteRead ? 2 : 1;
  if (!bytes || bytes->size() >= least) return bytes;
  return bad_value(fmt::format("the message has {} byte{}: --mode {} sends at least {}", bytes->size(),
                               bytes->size() == 1 ? "" : "s", load_mode_name(mode), least));
}
