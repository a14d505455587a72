#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <tcpkit/sock/endpoint.hpp>
#include <tcpkit/sock/snapshot.hpp>

namespace tcpkit {

/// ::ffff:10.0.0.1: an IPv6 socket that speaks IPv4 with this peer.
inline bool is_mapped(const Endpoint& peer) {
  return peer.family() == AF_INET6 &&
         IN6_IS_ADDR_V4MAPPED(&reinterpret_cast<const sockaddr_in6*>(peer.data())->sin6_addr);
}

/// Whether packets to this peer are IPv6 packets.
inline bool speaks_ipv6(const Endpoint& peer) {
  return peer.family() == AF_INET6 && !is_mapped(peer);
}

/// Whether all its packets stay on this host: the kernel takes loopback to its other addresses, too, and from the same.
inline bool stays_on_host(const Snapshot& snapshot) {
  return is_loopback(snapshot.peer) || snapshot.peer.address() == snapshot.local.address();
}

}  // namespace tcpkit
