#include <tcpkit/proc/surroundings.hpp>

#include <sys/socket.h>

#include <tcpkit/proc/socket_list.hpp>
#include <tcpkit/sock/tcp_memory.hpp>

#include "proc/egress.hpp"

namespace tcpkit {
namespace {

template <class T>
std::optional<T> if_known(Result<T> result) {
  return result ? std::optional<T>(std::move(*result)) : std::nullopt;
}

constexpr unsigned whole_address(int family) {
  return family == AF_INET ? 32 : 128;
}

}  // namespace

Result<std::uint64_t> count_time_wait(const Endpoint& peer) {
  SocketFilter filter;
  filter.states = std::uint32_t{1} << static_cast<unsigned>(SocketState::TimeWait);
  filter.peer = {{peer, whole_address(peer.family()), peer.port()}};
  std::uint64_t count = 0;
  const auto listed = list_sockets(filter, DiagDetail::Addresses, [&](const SocketEntry&) { ++count; });
  return listed ? Result<std::uint64_t>(count) : listed.error();
}

Result<std::string> find_egress_qdisc(const Endpoint& peer) {
  const Result<int> interface = egress_interface(peer);
  return interface ? queueing_discipline(*interface) : interface.error();
}

Surroundings read_surroundings(const Endpoint& peer) {
  Surroundings found;
  found.counters = if_known(NetCounters::read());
  found.tcp_memory_pages = if_known(read_tcp_memory_pages());
  if (peer.family() == AF_UNSPEC) return found;
  found.time_wait_to_peer = if_known(count_time_wait(peer));
  found.egress_qdisc = if_known(find_egress_qdisc(peer));
  return found;
}

}  // namespace tcpkit
