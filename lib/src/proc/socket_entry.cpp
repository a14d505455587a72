#include <tcpkit/proc/socket_entry.hpp>

#include <array>
#include <string_view>

#include <fmt/format.h>

namespace tcpkit {

std::string socket_state_name(SocketState state) {
  constexpr std::array<std::string_view, 14> kNames = {
      "",       "established", "syn-sent", "syn-recv", "fin-wait-1", "fin-wait-2",   "time-wait",
      "closed", "close-wait",  "last-ack", "listen",   "closing",    "new-syn-recv", "bound-inactive"};
  const auto number = static_cast<std::size_t>(state);
  if (number == 0 || number >= kNames.size()) return fmt::format("state {}", number);
  return std::string(kNames[number]);
}

}  // namespace tcpkit
