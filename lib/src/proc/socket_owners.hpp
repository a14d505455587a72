#pragma once

#include <cstdint>
#include <map>
#include <set>

#include <tcpkit/proc/listeners.hpp>

namespace tcpkit {

/// By inode, a process that has the socket open: of several the one that /proc lists first. A socket is missing when no
/// process has it, or only such as may not be looked into. One pass over /proc, which ends when all are found.
std::map<std::uint64_t, SocketOwner> find_socket_owners(std::set<std::uint64_t> inodes);

}  // namespace tcpkit
