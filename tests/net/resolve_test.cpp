#include <tcpkit/net/resolve.hpp>

#include <algorithm>
#include <chrono>

#include <sys/socket.h>

#include "support/catch.hpp"

using namespace tcpkit;
using namespace std::chrono_literals;

namespace {

constexpr auto kNever = Clock::time_point::max();

std::vector<std::string> texts(const Result<std::vector<Endpoint>>& found) {
  REQUIRE(found);
  std::vector<std::string> result;
  for (const Endpoint& endpoint : *found) result.push_back(endpoint.text());
  return result;
}

Target target(std::string_view text) {
  const Result<Target> parsed = parse_target(text);
  REQUIRE(parsed);
  return *parsed;
}

}  // namespace

TEST_CASE("a numeric target is its own answer, even when there is no time to ask") {
  CHECK(texts(resolve(target("192.0.2.7:80"), Families::Both, Clock::time_point{})) ==
        std::vector<std::string>{"192.0.2.7:80"});
  CHECK(texts(resolve(target("[2001:db8::1]:80"), Families::Ipv6, Clock::time_point{})) ==
        std::vector<std::string>{"[2001:db8::1]:80"});
}

TEST_CASE("no host is loopback of the families asked for") {
  CHECK(texts(resolve(target(":80"), Families::Both, kNever)) == std::vector<std::string>{"127.0.0.1:80", "[::1]:80"});
  CHECK(texts(resolve(target(":80"), Families::Ipv4, kNever)) == std::vector<std::string>{"127.0.0.1:80"});
  CHECK(texts(resolve(target(":80"), Families::Ipv6, kNever)) == std::vector<std::string>{"[::1]:80"});
}

TEST_CASE("a numeric address of the other family is a fault of the command line") {
  const auto found = resolve(target("192.0.2.7:80"), Families::Ipv6, kNever);
  REQUIRE_FALSE(found);
  CHECK(found.error().code == Errc::bad_value);
  CHECK(found.error().doing == "192.0.2.7 is an IPv4 address, and only IPv6 is asked for");
  CHECK(resolve(target("[::1]:80"), Families::Ipv4, kNever).error().code == Errc::bad_value);
}

TEST_CASE("a name has each of its addresses once, with the port") {
  const auto found = resolve(target("localhost:4321"), Families::Ipv4, kNever);
  if (!found && found.error().code.category() == resolver_category()) {
    WARN("skipped: this host has no localhost in /etc/hosts");
    return;
  }
  CHECK(texts(found) == std::vector<std::string>{"127.0.0.1:4321"});
}

TEST_CASE("a name without time to ask is a timeout at once") {
  const auto begin = Clock::now();
  for (int i = 0; i < 100; ++i) {
    const auto found = resolve(target("localhost:80"), Families::Both, begin - 1s);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == std::errc::timed_out);
    CHECK(found.error().doing == "resolve localhost");
  }
  CHECK(Clock::now() - begin < 5s);
}

TEST_CASE("a name that cannot exist is the resolver's failure or the deadline's") {
  const auto begin = Clock::now();
  const auto found = resolve(target("nosuch.invalid:80"), Families::Both, begin + 300ms);
  REQUIRE_FALSE(found);
  CHECK((found.error().code.category() == resolver_category() || found.error().code == std::errc::timed_out));
  CHECK(Clock::now() - begin < 3s);
}
