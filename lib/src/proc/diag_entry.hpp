#pragma once

#include <tcpkit/proc/socket_entry.hpp>

#include "proc/netlink.hpp"

namespace tcpkit {

/// What a message of sock_diag says, in terms of the library. Any attributes are safe to pass: one that is too short is
/// as good as none. Pure.
SocketEntry entry_of(const DiagSocket& socket, bool mptcp);

}  // namespace tcpkit
