#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>

#include <tcpkit/sock/sysctl_values.hpp>

/// What decides whether there is a local port left to connect from. Nothing where it cannot be read.
struct PortUse {
  std::optional<std::int64_t> first;     ///< net.ipv4.ip_local_port_range
  std::optional<std::int64_t> last;      ///< the same
  std::optional<std::uint64_t> waiting;  ///< sockets in TIME_WAIT, of this network namespace
};

/// Reads /proc/sys and /proc/net/sockstat.
[[nodiscard]] PortUse read_port_use(tcpkit::SysctlValues& sysctls);

/// The TCP sockets in TIME_WAIT that /proc/net/sockstat tells: "TCP: inuse 5 orphan 0 tw 12 alloc 9 mem 1".
[[nodiscard]] std::optional<std::uint64_t> waiting_sockets(std::istream& sockstat);

/// Why connect(2) fails with EADDRNOTAVAIL, and what to do.
[[nodiscard]] std::string describe_port_use(const PortUse& use);
