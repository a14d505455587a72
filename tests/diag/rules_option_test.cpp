#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "diag/scene.hpp"
#include "support/catch.hpp"

namespace tcpkit::test {
namespace {

Endpoint ipv6_peer(const char* address) {
  sockaddr_in6 to = {};
  to.sin6_family = AF_INET6;
  to.sin6_port = htons(443);
  REQUIRE(::inet_pton(AF_INET6, address, &to.sin6_addr) == 1);
  return {reinterpret_cast<const sockaddr*>(&to), sizeof(to)};
}

Scene prioritized(int held) {
  return healthy_connection().option("SO_PRIORITY", held).ask("priority=3").ask("tos=16");
}

Scene lingering(int on, int seconds) {
  return healthy_connection().option("SO_LINGER", Structure{{"onoff", on}, {"linger", seconds}});
}

Scene classified(const char* peer, int traffic_class, int tos) {
  return healthy_connection().peer(ipv6_peer(peer)).option("IPV6_TCLASS", traffic_class).option("IP_TOS", tos);
}

}  // namespace

std::vector<RuleCase> option_cases() {
  return {
      {"F31", prioritized(6), prioritized(3)},
      {"F32", lingering(1, 0), lingering(1, 1)},
      {"F43", classified("::ffff:192.0.2.7", 40, 0), classified("::ffff:192.0.2.7", 40, 40)},
  };
}

TEST_CASE("an overwritten priority is mended by the order of the flags that were used") {
  const Diagnosis diagnosis = prioritized(6).diagnose();
  const Finding* found = finding(diagnosis, "F31");
  REQUIRE(found != nullptr);
  CHECK(says(found->why, "-o tos=16 came after -o priority=3 and set the priority to 6"));
  CHECK(found->remedy == "give them in this order: -o tos=16 -o priority=3");
  Scene no_tos = healthy_connection().option("SO_PRIORITY", 6).ask("priority=3");
  CHECK(finding(no_tos.diagnose(), "F31") == nullptr);
}

TEST_CASE("a linger time of 0 is a note, for it may be meant") {
  const Diagnosis diagnosis = lingering(1, 0).ask("linger=0s").diagnose();
  const Finding* found = finding(diagnosis, "F32");
  REQUIRE(found != nullptr);
  CHECK(found->severity == Severity::Note);
  CHECK(says(found->remedy, "leave out -o linger=0s"));
  CHECK(finding(lingering(0, 0).diagnose(), "F32") == nullptr);
}

TEST_CASE("a traffic class is missed only on IPv4 packets") {
  const Diagnosis mapped = classified("::ffff:192.0.2.7", 40, 0).diagnose();
  REQUIRE(finding(mapped, "F43") != nullptr);
  CHECK(finding(mapped, "F43")->remedy == "-o tos=40");
  CHECK(finding(classified("2001:db8::7", 40, 0).diagnose(), "F43") == nullptr);
  CHECK(finding(classified("::ffff:192.0.2.7", 0, 0).diagnose(), "F43") == nullptr);
  const Diagnosis ipv4 = healthy_connection().option("IP_TOS", 0).diagnose();
  CHECK(finding(ipv4, "F43") == nullptr);
  CHECK(unchecked(ipv4, "F43") == nullptr);
}

}  // namespace tcpkit::test
