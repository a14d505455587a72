#include <tcpkit/proc/told_option.hpp>

#include <optional>
#include <string_view>

#include <netinet/in.h>
#include <sys/socket.h>

#include <tcpkit/proc/socket_list.hpp>
#include <tcpkit/sock/reading.hpp>

#include "os/descriptor.hpp"
#include "support/catch.hpp"

using namespace tcpkit;

namespace {

/// A listener that nobody else has, with values that no socket starts with.
os::Descriptor make_listener(int family) {
  os::Descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(socket);
  const int buffer = 50'000;
  const int tos = 0x28;
  const std::uint64_t pacing = 5'000'000'000;
  constexpr char kReno[] = "reno";
  REQUIRE(::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer)) == 0);
  REQUIRE(::setsockopt(socket.get(), SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer)) == 0);
  REQUIRE(::setsockopt(socket.get(), SOL_SOCKET, SO_MAX_PACING_RATE, &pacing, sizeof(pacing)) == 0);
  REQUIRE(::setsockopt(socket.get(), IPPROTO_IP, IP_TOS, &tos, sizeof(tos)) == 0);
  REQUIRE(::setsockopt(socket.get(), IPPROTO_TCP, 13, kReno, sizeof(kReno) - 1) == 0);  // TCP_CONGESTION
  const Endpoint any = family == AF_INET6 ? Endpoint::ipv6_loopback(0) : Endpoint::ipv4_loopback(0);
  REQUIRE(::bind(socket.get(), any.data(), any.size()) == 0);
  REQUIRE(::listen(socket.get(), 1) == 0);
  return socket;
}

SocketEntry listed(const os::Descriptor& socket) {
  SocketFilter filter;
  filter.ports = {local_endpoint(socket.get()).port()};
  std::optional<SocketEntry> found;
  REQUIRE(list_sockets(filter, DiagDetail::Full, [&](SocketEntry entry) {
    if (entry.local == local_endpoint(socket.get())) found = std::move(entry);
  }));
  REQUIRE(found);
  return *found;
}

}  // namespace

TEST_CASE("what sock_diag tells of an option is what the socket answers") {
  for (const int family : {AF_INET, AF_INET6}) {
    const os::Descriptor socket = make_listener(family);
    const SocketEntry entry = listed(socket);
    std::size_t told = 0;
    for (const Option& option : options()) {
      const ToldOption tells = find_told_option(option);
      const std::optional<Value> value = tells != nullptr ? tells(entry) : std::nullopt;
      CAPTURE(option.symbol);
      if (value) CHECK(value == read_option(socket.get(), option).value);
      if (value) ++told;
    }
    CHECK(told >= 6);  // the mark only for CAP_NET_ADMIN
  }
}

TEST_CASE("what sock_diag leaves out is not told") {
  const SocketEntry nothing;
  for (const Option& option : options()) {
    const ToldOption tells = find_told_option(option);
    CAPTURE(option.symbol);
    if (tells != nullptr) CHECK(tells(nothing).has_value() == (option.symbol == "SO_BINDTODEVICE"));
  }
  SocketEntry bound;
  bound.interface = 1;
  CHECK_FALSE(find_told_option(*find_option("bindtodevice"))(bound));
  CHECK(find_told_option(*find_option("nodelay")) == nullptr);
}
