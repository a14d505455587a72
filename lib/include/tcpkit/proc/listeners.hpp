#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/endpoint.hpp>

/// Listening sockets of this network namespace, whoever owns them.
namespace tcpkit {

/// A process that has a socket open.
struct SocketOwner {
  std::int64_t pid = 0;
  std::string command;  ///< /proc/PID/comm, any bytes
};

/// A TCP socket in state LISTEN.
struct ListeningSocket {
  Endpoint address;
  std::uint64_t inode = 0;
  std::optional<SocketOwner> owner;  ///< nothing: its process could not be found, or may not be looked at
};

/// The listeners that a socket bound to `endpoint` would share connections or collide with: same port, and the same
/// address, or one of the two is the any-address of a family that includes the other's. Of an IPv6 endpoint the socket
/// is taken to have IPV6_V6ONLY set; of the listeners it is known. Asks sock_diag(7), and /proc/PID/fd for owners.
/// Errors: errno values of netlink. Thread-safe.
[[nodiscard]] TCPKIT_API Result<std::vector<ListeningSocket>> find_listeners(const Endpoint& endpoint);

}  // namespace tcpkit
