#include <tcpkit/proc/surroundings.hpp>

#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include "proc/egress.hpp"
#include "sock/socket_states.hpp"
#include "support/catch.hpp"

using namespace tcpkit;

namespace {

/// Runs `work` in a thread that has gone to a new namespace; false where that is not allowed.
bool in_new_namespace(const std::function<void()>& work) {
  bool possible = false;
  std::thread([&] {
    possible = ::unshare(CLONE_NEWNET) == 0;
    if (possible) work();
  }).join();
  return possible;
}

/// A command in the namespace of the calling thread; whether it succeeded.
bool command(const std::string& line) {
  return std::system((line + " >/dev/null 2>&1").c_str()) == 0;
}

Endpoint ipv4(const char* address, std::uint16_t port) {
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  REQUIRE(::inet_pton(AF_INET, address, &to.sin_addr) == 1);
  return {reinterpret_cast<const sockaddr*>(&to), sizeof(to)};
}

Endpoint ipv6(const char* address, std::uint16_t port, unsigned scope = 0) {
  sockaddr_in6 to = {};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(port);
  to.sin6_scope_id = scope;
  REQUIRE(::inet_pton(AF_INET6, address, &to.sin6_addr) == 1);
  return {reinterpret_cast<const sockaddr*>(&to), sizeof(to)};
}

std::uint64_t counted(const Endpoint& peer) {
  const Result<std::uint64_t> count = count_time_wait(peer);
  INFO((count ? "" : describe(count.error())));
  REQUIRE(count);
  return *count;
}

/// What it is, or the error: an exception would end the thread, and the test with it.
std::string kind_towards(const Endpoint& peer) {
  const Result<std::string> kind = find_egress_qdisc(peer);
  return kind ? *kind : describe(kind.error());
}

/// Waits for the peer to have closed, too: only then is the side that closed first in TIME_WAIT.
void close_client_first(test::Stage& stage) {
  stage.client = os::Descriptor();
  char byte = 0;
  REQUIRE(::recv(stage.accepted.get(), &byte, 1, 0) == 0);
  stage.accepted = os::Descriptor();
}

}  // namespace

TEST_CASE("sockets in TIME_WAIT are counted by the peer's address and port") {
  const int family = GENERATE(AF_INET, AF_INET6);
  test::Stage stage = test::set_stage(family, test::State::Accepted);
  if (!stage.accepted) return;
  const Endpoint listener = local_endpoint(stage.listener.get());
  CHECK(counted(listener) == 0);
  close_client_first(stage);
  CHECK(counted(listener) == 1);
  Endpoint other = listener;
  other.set_port(static_cast<std::uint16_t>(listener.port() ^ 1U));
  CHECK(counted(other) == 0);
  if (family == AF_INET) {
    CHECK(counted(ipv4("127.0.0.2", listener.port())) == 0);
    CHECK(counted(ipv6("::ffff:127.0.0.1", listener.port())) == 1);
  }
}

TEST_CASE("the queueing discipline is that of the interface towards the peer") {
  const bool possible = in_new_namespace([] {
    const bool made = command("ip link set lo up") && command("ip link add tcpkit0 type veth peer name tcpkit1") &&
                      command("ip link set tcpkit0 up") && command("ip address add 192.0.2.1/24 dev tcpkit0") &&
                      command("tc qdisc replace dev tcpkit0 root bfifo limit 9000");
    if (!made) {
      WARN("ip(8) and tc(8) could not make an interface");
      return;
    }
    CHECK(kind_towards(ipv4("127.0.0.1", 80)) == "noqueue");
    CHECK(kind_towards(ipv4("192.0.2.7", 80)) == "bfifo");
    CHECK(kind_towards(ipv6("::ffff:192.0.2.7", 80)) == "bfifo");
    // The own address is reached by loopback, whatever interface it is on.
    CHECK(kind_towards(ipv4("192.0.2.1", 80)) == "noqueue");
    if (!command("ip -6 route replace fe80::/64 dev tcpkit0")) return;
    CHECK(kind_towards(ipv6("fe80::7", 80, ::if_nametoindex("tcpkit0"))) == "bfifo");
  });
  if (!possible) WARN("no new network namespace: not allowed");
}

TEST_CASE("a device of several queues is told by what they have in common") {
  const bool possible = in_new_namespace([] {
    const bool made = command("ip link add tcpkit0 numtxqueues 2 numrxqueues 2 type veth peer name tcpkit1") &&
                      command("tc qdisc replace dev tcpkit0 root handle 1: mq") &&
                      command("tc qdisc replace dev tcpkit0 parent 1:1 pfifo limit 10") &&
                      command("tc qdisc replace dev tcpkit0 parent 1:2 pfifo limit 10");
    if (!made) {
      WARN("ip(8) and tc(8) could not make an interface of two queues");
      return;
    }
    const int interface = static_cast<int>(::if_nametoindex("tcpkit0"));
    CHECK(*queueing_discipline(interface) == "pfifo");
    CHECK(command("tc qdisc replace dev tcpkit0 parent 1:2 bfifo limit 9000"));
    CHECK(*queueing_discipline(interface) == "mq");
  });
  if (!possible) WARN("no new network namespace: not allowed");
}

TEST_CASE("where no route leads there is no queueing discipline, and the rest is still told") {
  const bool possible = in_new_namespace([] {
    const Endpoint peer = ipv4("192.0.2.7", 80);
    const Result<std::string> nothing = find_egress_qdisc(peer);
    CHECK((!nothing && nothing.error().code == std::errc::network_unreachable));
    const Surroundings found = read_surroundings(peer);
    CHECK_FALSE(found.egress_qdisc);
    CHECK(found.time_wait_to_peer == std::uint64_t{0});
    CHECK(found.tcp_memory_pages);
    CHECK((found.counters && found.counters->get("ListenOverflows") == std::uint64_t{0}));
  });
  if (!possible) WARN("no new network namespace: not allowed");
}

TEST_CASE("an interface that does not exist has no queueing discipline") {
  const Result<std::string> nothing = queueing_discipline(0x7fff'ffff);
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error().code == std::errc::no_such_file_or_directory);
}

TEST_CASE("without a peer only what is the host's is told") {
  const Surroundings found = read_surroundings(Endpoint());
  CHECK(found.counters);
  CHECK(found.tcp_memory_pages);
  CHECK_FALSE(found.time_wait_to_peer);
  CHECK_FALSE(found.egress_qdisc);
}
