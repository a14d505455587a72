#include <tcpkit/proc/listeners.hpp>

#include <algorithm>
#include <set>

#include <netinet/in.h>
#include <sys/socket.h>

#include "proc/netlink.hpp"
#include "proc/socket_owners.hpp"
#include "proc/unmapped.hpp"
#include "sock/listen_queue.hpp"

namespace tcpkit {
namespace {

/// A kernel that says nothing about it leaves the default, an IPv6 socket that takes IPv4 too.
bool takes_ipv4(const DiagSocket& socket) {
  const auto v6only = socket.attribute(DiagAttribute::V6Only);
  const bool alone = v6only && !v6only->empty() && v6only->front() != std::byte{0};
  return socket.local.family() == AF_INET6 && is_any_address(socket.local) && !alone;
}

bool collides(const Endpoint& asked, const DiagSocket& socket) {
  const Endpoint other = unmapped(socket.local);
  if (other.port() != asked.port()) return false;
  if (takes_ipv4(socket)) return true;
  if (other.family() != asked.family()) return false;
  return is_any_address(asked) || is_any_address(other) || other == asked;
}

/// Those of one family; asks again while sockets come and go too fast for the kernel to tell them all.
Result<std::vector<ListeningSocket>> listeners_of(int family, const Endpoint& asked) {
  constexpr int kAttempts = 5;
  DiagRequest request;
  request.family = family;
  request.states = 1U << kListenState;
  request.local_port = asked.port();
  for (int attempt = 1;; ++attempt) {
    std::vector<ListeningSocket> found;
    const Result<void> dump = dump_sockets(request, [&](const DiagSocket& socket) {
      if (collides(asked, socket)) found.push_back({socket.local, socket.inode, std::nullopt});
    });
    if (dump) return found;
    const bool incomplete =
        dump.error().code == std::errc::interrupted || dump.error().code == std::errc::no_buffer_space;
    if (!incomplete || attempt == kAttempts) return dump.error();
  }
}

void add_owners(std::vector<ListeningSocket>& listeners) {
  std::set<std::uint64_t> inodes;
  for (const ListeningSocket& listener : listeners) inodes.insert(listener.inode);
  const auto owners = find_socket_owners(inodes);
  for (ListeningSocket& listener : listeners) {
    if (const auto owner = owners.find(listener.inode); owner != owners.end()) listener.owner = owner->second;
  }
}

}  // namespace

Result<std::vector<ListeningSocket>> find_listeners(const Endpoint& endpoint) {
  std::vector<ListeningSocket> all;
  for (const int family : {AF_INET, AF_INET6}) {
    Result<std::vector<ListeningSocket>> some = listeners_of(family, unmapped(endpoint));
    if (!some) return some;
    std::ranges::move(*some, std::back_inserter(all));
  }
  add_owners(all);
  return all;
}

}  // namespace tcpkit
