#pragma once

#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>

#include <tcpkit/sock/endpoint.hpp>

namespace tcpkit {

/// The address of an endpoint whose family is AF_INET6.
inline const in6_addr& ipv6_of(const Endpoint& endpoint) noexcept {
  return reinterpret_cast<const sockaddr_in6*>(endpoint.data())->sin6_addr;
}

/// ::ffff:10.0.0.1 is 10.0.0.1 written by an IPv6 socket, and the kernel takes the two for one (ipv6_rcv_saddr_equal).
inline Endpoint unmapped(const Endpoint& endpoint) noexcept {
  if (endpoint.family() != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&ipv6_of(endpoint))) return endpoint;
  sockaddr_in ipv4 = {};
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(endpoint.port());
  std::memcpy(&ipv4.sin_addr, &ipv6_of(endpoint).s6_addr[12], sizeof(ipv4.sin_addr));
  return {reinterpret_cast<const sockaddr*>(&ipv4), sizeof(ipv4)};
}

}  // namespace tcpkit
