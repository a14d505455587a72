#pragma once

#include <functional>

#include <tcpkit/proc/socket_list.hpp>

#include "proc/netlink.hpp"

namespace tcpkit {

/// dump_sockets(), or what a test has in its place.
using DumpFunction = std::function<Result<void>(const DiagRequest&, const DiagCallback&)>;

/// list_sockets() from a given source.
Result<ListingNotes> list_sockets(const SocketFilter& filter, DiagDetail detail,
                                  const std::function<void(SocketEntry)>& each, const DumpFunction& dump);

}  // namespace tcpkit
