#include <tcpkit/net/connect.hpp>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <tcpkit/sock/reading.hpp>

#include "os/descriptor.hpp"
#include "support/catch.hpp"
#include "support/few_descriptors.hpp"

using namespace tcpkit;
using namespace std::chrono_literals;

namespace {

Setting setting(std::string_view text) {
  const Result<Setting> parsed = parse_setting(text);
  REQUIRE(parsed);
  return *parsed;
}

Endpoint loopback(int family, std::uint16_t port) {
  return family == AF_INET6 ? Endpoint::ipv6_loopback(port) : Endpoint::ipv4_loopback(port);
}

/// Owns a port of loopback, without anybody listening there until listen() is called.
struct Port {
  explicit Port(int family = AF_INET) : socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP)) {
    const Endpoint any = loopback(family, 0);
    REQUIRE(::bind(socket.get(), any.data(), any.size()) == 0);
  }
  void listen(int backlog) const { REQUIRE(::listen(socket.get(), backlog) == 0); }
  [[nodiscard]] Endpoint endpoint() const { return local_endpoint(socket.get()); }

  os::Descriptor socket;
};

struct Tried {
  Result<Connection> connection;
  std::vector<Attempt> attempts;
};

Tried try_all(const std::vector<Endpoint>& addresses, const ConnectPlan& plan = {}) {
  std::vector<Attempt> attempts;
  Result<Connection> connection = connect(addresses, plan, attempts);
  return {std::move(connection), std::move(attempts)};
}

/// A listener whose accept queue is full: it drops every further SYN, as a black hole does.
struct FullListener {
  FullListener() {
    port.listen(0);
    const Endpoint there = port.endpoint();
    for (os::Descriptor& caller : callers) {
      caller = os::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
      ::connect(caller.get(), there.data(), there.size());
    }
  }

  Port port;
  std::array<os::Descriptor, 4> callers;
};

}  // namespace

TEST_CASE("connecting to a listener gives a socket whose peer it is") {
  const int family = GENERATE(AF_INET, AF_INET6);
  const Port port(family);
  port.listen(4);
  const Tried tried = try_all({port.endpoint()});
  REQUIRE(tried.connection);
  CHECK(peer_endpoint(tried.connection->socket()) == port.endpoint());
  CHECK(tried.connection->connect_time() > 0ns);
  REQUIRE(tried.attempts.size() == 1);
  CHECK(tried.attempts[0].address == port.endpoint());
  CHECK_FALSE(tried.attempts[0].error);
  CHECK(tried.attempts[0].took == tried.connection->connect_time());
}

TEST_CASE("a port where nobody listens refuses") {
  const Port port;
  const Tried tried = try_all({port.endpoint()});
  REQUIRE_FALSE(tried.connection);
  CHECK(tried.connection.error().code == std::errc::connection_refused);
  CHECK(tried.connection.error().doing == "connect to " + port.endpoint().text());
}

TEST_CASE("the next address is tried, and every try is told") {
  const Port closed;
  const Port open;
  open.listen(4);
  const Tried tried = try_all({closed.endpoint(), open.endpoint(), closed.endpoint()});
  REQUIRE(tried.connection);
  REQUIRE(tried.attempts.size() == 2);
  CHECK(tried.attempts[0].error->code == std::errc::connection_refused);
  CHECK_FALSE(tried.attempts[1].error);
}

TEST_CASE("of several failures the last one is told") {
  const Port first;
  const Port last;
  const Tried tried = try_all({first.endpoint(), last.endpoint()});
  REQUIRE_FALSE(tried.connection);
  CHECK(tried.attempts.size() == 2);
  CHECK(tried.connection.error().doing == "connect to " + last.endpoint().text());
}

TEST_CASE("no address at all is a failure") {
  const Tried tried = try_all({});
  CHECK_FALSE(tried.connection);
  CHECK(tried.attempts.empty());
}

TEST_CASE("a connection to itself counts as refused") {
  Endpoint self;
  {
    const Port port;
    self = port.endpoint();
  }
  ConnectPlan plan;
  plan.source = self;
  const Tried tried = try_all({self}, plan);
  REQUIRE_FALSE(tried.connection);
  CHECK(tried.connection.error().code == std::errc::connection_refused);
}

TEST_CASE("a listener that does not answer is a timeout") {
  const FullListener full;
  ConnectPlan plan;
  plan.timeout = 150ms;
  const auto begin = Clock::now();
  const Tried tried = try_all({full.port.endpoint()}, plan);
  const auto took = Clock::now() - begin;
  REQUIRE_FALSE(tried.connection);
  CHECK(tried.connection.error().code == std::errc::timed_out);
  CHECK(tried.connection.error().hint == "no answer within 150 ms");  // what was allowed, not what the clock shows
  CHECK(took >= 150ms);
  CHECK(took < 900ms);  // the kernel would send its second SYN after 1 s
}

TEST_CASE("each address has its own timeout, all together one deadline") {
  const FullListener full;
  ConnectPlan plan;
  plan.timeout = 100ms;
  CHECK(try_all({full.port.endpoint(), full.port.endpoint()}, plan).attempts.size() == 2);
  plan.timeout = 5s;
  plan.deadline = Clock::now() + 100ms;
  const Tried tried = try_all({full.port.endpoint(), full.port.endpoint()}, plan);
  CHECK(tried.attempts.size() == 1);
  CHECK(tried.connection.error().code == std::errc::timed_out);
}

TEST_CASE("a handshake under way is given up when it is told to stop, and no other address is tried") {
  const FullListener full;
  const os::Descriptor stop(::eventfd(1, EFD_CLOEXEC));
  ConnectPlan plan;
  plan.timeout = 1h;
  plan.stop = stop.get();
  const Tried tried = try_all({full.port.endpoint(), full.port.endpoint()}, plan);
  REQUIRE_FALSE(tried.connection);
  CHECK(tried.connection.error().code == std::errc::operation_canceled);
  CHECK(tried.attempts.size() == 1);
}

TEST_CASE("a deadline in the past connects to nobody") {
  const Port port;
  port.listen(4);
  ConnectPlan plan;
  plan.deadline = Clock::now() - 1s;
  const Tried tried = try_all({port.endpoint(), port.endpoint()}, plan);
  REQUIRE_FALSE(tried.connection);
  CHECK(tried.connection.error().code == std::errc::timed_out);
  CHECK(tried.attempts.size() == 1);
}

TEST_CASE("times without end are taken") {
  const Port port;
  port.listen(4);
  ConnectPlan plan;
  plan.timeout = Nanoseconds::max();
  CHECK(try_all({port.endpoint()}, plan).connection);
}

TEST_CASE("settings hold on the connection") {
  const Port port;
  port.listen(4);
  ConnectPlan plan;
  plan.settings = {setting("nodelay"), setting("user-timeout=3s"), setting("rcvbuf=32K")};
  const Tried tried = try_all({port.endpoint()}, plan);
  REQUIRE(tried.connection);
  const int socket = tried.connection->socket();
  CHECK(read_option(socket, *find_option("nodelay")).value == Value(true));
  CHECK(read_option(socket, *find_option("user-timeout")).value == Value(std::int64_t{3000}));
  CHECK(read_option(socket, *find_option("rcvbuf")).value == Value(std::int64_t{65536}));
}

TEST_CASE("a setting the kernel refuses ends it at once, whatever the refusal") {
  const Port port;
  port.listen(4);
  for (const char* text : {"congestion=nosuch", "bindtodevice=nosuch0", "6:9999=1"}) {
    ConnectPlan plan;
    plan.settings = {setting(text)};
    const Tried tried = try_all({port.endpoint(), port.endpoint()}, plan);
    CAPTURE(text);
    CHECK_FALSE(tried.connection);
    CHECK(tried.attempts.size() == 1);
  }
}

TEST_CASE("the source is what the peer sees") {
  const Port port;
  port.listen(4);
  ConnectPlan plan;
  plan.source = *parse_source("127.0.0.2");
  const Tried tried = try_all({port.endpoint()}, plan);
  REQUIRE(tried.connection);
  CHECK(local_endpoint(tried.connection->socket()).address() == "127.0.0.2");
}

TEST_CASE("a source picks the addresses of its family") {
  const Port port;
  port.listen(4);
  ConnectPlan plan;
  plan.source = Endpoint::ipv4_loopback(0);
  const Tried tried = try_all({Endpoint::ipv6_loopback(port.endpoint().port()), port.endpoint()}, plan);
  REQUIRE(tried.connection);
  CHECK(tried.attempts.size() == 1);
  plan.source = Endpoint::ipv6_loopback(0);
  const Tried none = try_all({port.endpoint()}, plan);
  REQUIRE_FALSE(none.connection);
  CHECK(none.connection.error().code == Errc::bad_value);
  CHECK(none.connection.error().doing == "::1 is an IPv6 address: it cannot connect to " + port.endpoint().text());
}

TEST_CASE("a source that is not of this host is told as such") {
  const Port port;
  ConnectPlan plan;
  plan.source = *parse_source("192.0.2.200");
  const Tried tried = try_all({port.endpoint()}, plan);
  REQUIRE_FALSE(tried.connection);
  CHECK(tried.connection.error().code == std::errc::address_not_available);
  CHECK(tried.connection.error().doing == "bind to 192.0.2.200:0");
}

TEST_CASE("a process out of descriptors is told so") {
  if (test::kSanitizerNeedsDescriptors) return;
  const Port port;
  port.listen(8);
  for (int left = 0; left < 5; ++left) {
    const test::FewDescriptors few(left);
    const Tried tried = try_all({port.endpoint()});
    if (tried.connection) break;  // the socket and the event loop's own fit
    CAPTURE(left);
    CHECK(tried.connection.error().code == std::errc::too_many_files_open);
  }
}

TEST_CASE("a connection closes its socket, and only once") {
  const Port port;
  port.listen(4);
  int number = -1;
  {
    Tried tried = try_all({port.endpoint()});
    REQUIRE(tried.connection);
    number = tried.connection->socket();
    Connection moved = std::move(*tried.connection);
    CHECK(moved.socket() == number);
    CHECK(tried.connection->socket() == -1);
    Connection assigned(-1, 0ns);
    assigned = std::move(moved);
    CHECK(assigned.socket() == number);
    CHECK(peer_endpoint(number) == port.endpoint());
  }
  CHECK(peer_endpoint(number).family() == AF_UNSPEC);
}
