#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tcpkit {

/// Connections of this network namespace in TIME_WAIT, as /proc/net/sockstat has them; nothing when it does not tell.
std::optional<std::uint64_t> parse_time_wait(std::string_view sockstat);

/// Why connect(2) may find no local address (EADDRNOTAVAIL): the ports there are, and who holds them. Reads /proc.
std::string port_shortage(int family);

}  // namespace tcpkit
