#include <tcpkit/sock/endpoint.hpp>

#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "os/descriptor.hpp"
#include "support/catch.hpp"

using namespace tcpkit;

namespace {

Endpoint ipv6(const char* text, std::uint16_t port, unsigned scope = 0) {
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  address.sin6_scope_id = scope;
  REQUIRE(::inet_pton(AF_INET6, text, &address.sin6_addr) == 1);
  return {reinterpret_cast<const sockaddr*>(&address), sizeof(address)};
}

Endpoint ipv4(const char* text, std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  REQUIRE(::inet_pton(AF_INET, text, &address.sin_addr) == 1);
  return {reinterpret_cast<const sockaddr*>(&address), sizeof(address)};
}

}  // namespace

TEST_CASE("an IPv4 endpoint is its address, a colon and its port") {
  const Endpoint endpoint = ipv4("192.0.2.7", 80);
  CHECK(endpoint.text() == "192.0.2.7:80");
  CHECK(endpoint.address() == "192.0.2.7");
  CHECK(endpoint.family() == AF_INET);
  CHECK(endpoint.port() == 80);
  CHECK(endpoint.size() == sizeof(sockaddr_in));
  CHECK(Endpoint::ipv4_loopback(65535).text() == "127.0.0.1:65535");
}

TEST_CASE("an IPv6 endpoint has brackets") {
  const Endpoint endpoint = ipv6("2001:db8::1", 443);
  CHECK(endpoint.text() == "[2001:db8::1]:443");
  CHECK(endpoint.address() == "2001:db8::1");
  CHECK(endpoint.size() == sizeof(sockaddr_in6));
  CHECK(Endpoint::ipv6_loopback(1).text() == "[::1]:1");
  CHECK(ipv6("::ffff:192.0.2.7", 80).text() == "[::ffff:192.0.2.7]:80");
}

TEST_CASE("a scope is shown by the name of its interface, or by its number") {
  CHECK(ipv6("fe80::1", 80, ::if_nametoindex("lo")).text() == "[fe80::1%lo]:80");
  CHECK(ipv6("fe80::1", 80, 2000000000).text() == "[fe80::1%2000000000]:80");
}

TEST_CASE("no address is a dash") {
  const Endpoint none;
  CHECK(none.text() == "-");
  CHECK(none.address() == "-");
  CHECK(none.family() == AF_UNSPEC);
  CHECK(none.port() == 0);
  CHECK(none.size() == 0);
  CHECK(none == Endpoint());
}

TEST_CASE("another family, or too few bytes, is no address") {
  sockaddr_storage storage = {};
  storage.ss_family = AF_UNIX;
  const auto* address = reinterpret_cast<const sockaddr*>(&storage);
  CHECK(Endpoint(address, sizeof(storage)) == Endpoint());
  storage.ss_family = AF_INET6;
  CHECK(Endpoint(address, sizeof(sockaddr_in)) == Endpoint());
  storage.ss_family = AF_INET;
  CHECK(Endpoint(address, sizeof(sockaddr_in) - 1) == Endpoint());
  CHECK(Endpoint(address, sizeof(sockaddr_in)).family() == AF_INET);
}

TEST_CASE("endpoints are equal when address, port and scope are") {
  CHECK(ipv4("192.0.2.7", 80) == ipv4("192.0.2.7", 80));
  CHECK_FALSE(ipv4("192.0.2.7", 80) == ipv4("192.0.2.7", 81));
  CHECK_FALSE(ipv4("192.0.2.7", 80) == ipv4("192.0.2.8", 80));
  CHECK_FALSE(ipv4("192.0.2.7", 80) == ipv6("::ffff:192.0.2.7", 80));
  CHECK_FALSE(ipv6("fe80::1", 80, 1) == ipv6("fe80::1", 80, 2));
  CHECK_FALSE(ipv4("192.0.2.7", 80) == Endpoint());
}

TEST_CASE("a port can be set afterwards") {
  Endpoint endpoint = ipv6("2001:db8::1", 0);
  endpoint.set_port(8080);
  CHECK(endpoint == ipv6("2001:db8::1", 8080));
}

TEST_CASE("a socket tells its own address, and its peer's once there is one") {
  const os::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  CHECK(local_endpoint(socket.get()).text() == "0.0.0.0:0");
  CHECK(peer_endpoint(socket.get()) == Endpoint());
  CHECK(local_endpoint(-1) == Endpoint());
}

TEST_CASE("families have names") {
  CHECK(family_name(AF_INET) == "IPv4");
  CHECK(family_name(AF_INET6) == "IPv6");
  CHECK(family_name(AF_UNSPEC) == "none");
}
