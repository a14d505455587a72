#pragma once

#include <cstdint>
#include <functional>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/proc/socket_entry.hpp>
#include <tcpkit/proc/socket_filter.hpp>

/// The kernel's list of TCP sockets: sock_diag(7).
namespace tcpkit {

/// How much is asked of the kernel about each socket.
enum class DiagDetail : std::uint8_t {
  Addresses,  ///< addresses, state, queues, timer; a multipath socket's subflows look like any other TCP socket
  Full,       ///< everything sock_diag has
};

/// How the listing went.
struct ListingNotes {
  bool incomplete = false;     ///< sockets came and went faster than the kernel could list them, several times over
  bool mptcp_missing = false;  ///< this kernel does not list MPTCP sockets
};

/// Calls back for every TCP and MPTCP socket, IPv4 and IPv6, of the network namespace that the calling thread is in,
/// to which the filter applies. A dump that the kernel had to interrupt is asked for again; a socket is told once, by
/// its cookie. Unprivileged callers see all sockets. Fails with errno values of netlink. Thread-safe.
[[nodiscard]] TCPKIT_API Result<ListingNotes> list_sockets(const SocketFilter& filter, DiagDetail detail,
                                                           const std::function<void(SocketEntry)>& each);

}  // namespace tcpkit
