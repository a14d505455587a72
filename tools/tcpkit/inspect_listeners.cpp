#include "inspect_listeners.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <tcpkit/proc/socket_list.hpp>

using namespace tcpkit;

namespace {

/// 0.0.0.0 or ::, whichever is of the family, with the port.
Endpoint any_address(const Endpoint& like) {
  sockaddr_in6 ipv6 = {};
  ipv6.sin6_family = AF_INET6;
  sockaddr_in ipv4 = {};
  ipv4.sin_family = AF_INET;
  Endpoint any = like.family() == AF_INET6 ? Endpoint(reinterpret_cast<const sockaddr*>(&ipv6), sizeof(ipv6))
                                           : Endpoint(reinterpret_cast<const sockaddr*>(&ipv4), sizeof(ipv4));
  any.set_port(like.port());
  return any;
}

}  // namespace

Listeners::ByPort& Listeners::all() {
  if (by_port_) return *by_port_;
  by_port_.emplace();
  SocketFilter filter;
  filter.states = 1U << static_cast<unsigned>(SocketState::Listen);
  const auto keep = [&](const SocketEntry& entry) { by_port_->emplace(entry.local.port(), entry); };
  if (!list_sockets(filter, DiagDetail::Addresses, keep)) by_port_->clear();  // some would be worse than none
  return *by_port_;
}

/// A multipath listener is listed twice, once as what it looks like to a peer without multipath TCP.
std::vector<const SocketEntry*> Listeners::with(const SocketEntry& like, const Endpoint& address) {
  std::vector<const SocketEntry*> found;
  const auto [first, last] = all().equal_range(address.port());
  for (auto row = first; row != last; ++row) {
    const SocketEntry& listener = row->second;
    if (listener.mptcp == like.mptcp && listener.local == address) found.push_back(&listener);
  }
  return found;
}

std::uint64_t Listeners::sharing(const SocketEntry& listener) {
  return with(listener, listener.local).size();
}

/// The kernel prefers a listener that is bound to the very address (compute_score() in net/ipv4/inet_hashtables.c).
std::vector<const SocketEntry*> Listeners::parents_of(const SocketEntry& connection) {
  std::vector<const SocketEntry*> exact = with(connection, connection.local);
  return exact.empty() ? with(connection, any_address(connection.local)) : exact;
}
