#include "send_request.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <vector>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

using namespace tcpkit;

namespace {

/// Milliseconds for poll(2), rounded up: never before the deadline.
int poll_time(Clock::time_point deadline) {
  if (deadline == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, INT_MAX));
}

Result<void> await_bytes(int descriptor, Clock::time_point deadline, const std::string& doing) {
  for (;;) {
    pollfd readable{descriptor, POLLIN, 0};
    const int ready = ::poll(&readable, 1, poll_time(deadline));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return system_error(errno, doing);
    if (Clock::now() >= deadline) return system_error(ETIMEDOUT, doing);
  }
}

/// All bytes until the end.
Result<std::string> read_all(int descriptor, Clock::time_point deadline, const std::string& doing) {
  std::string bytes;
  std::vector<char> piece(256U << 10);
  for (;;) {
    if (auto ready = await_bytes(descriptor, deadline, doing); !ready) return ready.error();
    const ssize_t count = ::read(descriptor, piece.data(), piece.size());
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return system_error(errno, doing);
    if (count == 0) return bytes;
    bytes.append(piece.data(), static_cast<std::size_t>(count));
    if (bytes.size() > kMostRequestBytes) {
      return bad_value(
          fmt::format("{}: more than {}, the most that a request may be", doing, format_bytes(kMostRequestBytes)));
    }
  }
}

Result<std::string> read_file(const std::string& path, Clock::time_point deadline) {
  const std::string doing = "read --file " + quote(path);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return bad_value(fmt::format("{}: {}", doing, system_error(errno, "").code.message()));
  struct stat status {};
  const bool directory = ::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
  Result<std::string> bytes =
      directory ? Result<std::string>(bad_value(doing + ": it is a directory")) : read_all(descriptor, deadline, doing);
  ::close(descriptor);
  return bytes;
}

Result<std::string> read_message(const MessageSource& source, Clock::time_point deadline) {
  if (source.kind == MessageSource::Kind::Text) return source.text;
  if (source.kind == MessageSource::Kind::File) return read_file(source.text, deadline);
  return read_all(STDIN_FILENO, deadline, "read the message from standard input");
}

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
  Result<std::string> bytes = read_message(plan.message, deadline);
  const std::size_t least = mode == LoadMode::WriteWriteRead ? 2 : 1;
  if (!bytes || bytes->size() >= least) return bytes;
  return bad_value(fmt::format("the message has {} byte{}: --mode {} sends at least {}", bytes->size(),
                               bytes->size() == 1 ? "" : "s", load_mode_name(mode), least));
}
