#include <tcpkit/net/target.hpp>

#include <algorithm>
#include <random>
#include <string>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "support/catch.hpp"

using namespace tcpkit;

namespace {

Target good(std::string_view text) {
  const Result<Target> target = parse_target(text);
  INFO(text << ": " << (target ? "" : target.error().doing));
  REQUIRE(target);
  return *target;
}

std::string refusal(std::string_view text) {
  const Result<Target> target = parse_target(text);
  INFO(text);
  REQUIRE_FALSE(target);
  CHECK(target.error().code == Errc::bad_value);
  return target.error().doing;
}

bool refused(std::string_view text) {
  return !parse_target(text).has_value();
}

std::string source(std::string_view text) {
  const Result<Endpoint> endpoint = parse_source(text);
  return endpoint ? endpoint->text() : "refused";
}

bool host_bytes_are_safe(const std::string& host) {
  return std::ranges::all_of(host, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

/// What resolve() and connect() rely on.
bool sound(const Target& target) {
  if (target.port == 0 || !host_bytes_are_safe(target.host)) return false;
  if (target.numeric) return target.numeric->port() == target.port && target.numeric->family() != AF_UNSPEC;
  return target.host.find_first_of(":[]%/@") == std::string::npos;
}

std::string mutated(std::mt19937& random) {
  constexpr std::string_view kSeeds[] = {"127.0.0.1:80",     "[::1]:80",       "[fe80::1%lo]:443", ":80",
                                         "example.org:http", "a-b.c_d.:65535", "http://x:80/",     "user@host:22",
                                         "::1:80",           "0x7f.1:80"};
  constexpr std::string_view kBytes("0123456789abcdef.:[]%@/- \0\xc3\n_lohtp", 34);
  const auto below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random); };
  std::string text(kSeeds[below(std::size(kSeeds))]);
  for (std::size_t edits = below(5); edits > 0; --edits) {
    const std::size_t at = below(text.size() + 1);
    if (below(2) == 0) {
      text.insert(at, 1, kBytes[below(kBytes.size())]);
    } else {
      text.erase(at, 1 + below(2));
    }
  }
  return text;
}

}  // namespace

TEST_CASE("a name stays a name to be resolved") {
  for (const char* host : {"example.org", "localhost", "a", "a-b", "_dmarc.example", "xn--bcher-kva.example", "x.1a",
                           "example.org.", "1.2.3.4.example"}) {
    const Target target = good(std::string(host) + ":80");
    CHECK(target.host == host);
    CHECK(target.port == 80);
    CHECK_FALSE(target.numeric);
  }
}

TEST_CASE("a numeric address is taken as it is") {
  const Target v4 = good("192.0.2.7:65535");
  CHECK(v4.host == "192.0.2.7");
  REQUIRE(v4.numeric);
  CHECK(v4.numeric->text() == "192.0.2.7:65535");
  const Target v6 = good("[2001:db8::1]:1");
  CHECK(v6.host == "2001:db8::1");
  REQUIRE(v6.numeric);
  CHECK(v6.numeric->text() == "[2001:db8::1]:1");
  CHECK(good("[::ffff:192.0.2.7]:80").numeric->text() == "[::ffff:192.0.2.7]:80");
}

TEST_CASE("a scope is an interface by name or number") {
  const unsigned lo = ::if_nametoindex("lo");
  REQUIRE(lo != 0);
  CHECK(good("[fe80::1%lo]:80").numeric->text() == "[fe80::1%lo]:80");
  CHECK(good("[fe80::1%" + std::to_string(lo) + "]:80").numeric->text() == "[fe80::1%lo]:80");
  CHECK(refusal("[fe80::1%nosuch0]:80") == R"("nosuch0" is not an interface of this host)");
  CHECK(refused("[fe80::1%]:80"));
  CHECK(refused("[fe80::1%2000000000]:80"));
}

TEST_CASE("no host is this host") {
  const Target target = good(":80");
  CHECK(target.host.empty());
  CHECK(target.port == 80);
  CHECK_FALSE(target.numeric);
}

TEST_CASE("a port is a number or a service of TCP") {
  CHECK(good("h:1").port == 1);
  CHECK(good("h:65535").port == 65535);
  CHECK(good("h:http").port == 80);
  CHECK(good("[::1]:https").numeric->port() == 443);
  for (const char* bad : {"h:0", "h:65536", "h:-1", "h:+1", "h:080", "h:0x50", "h: 80", "h:80 ", "h:8.0", "h:1e3"}) {
    CAPTURE(bad);
    CHECK(refusal(bad).find("has no valid port") != std::string::npos);
  }
  CHECK(refusal("h:nosuchservice") == R"("h:nosuchservice" names no TCP service this host knows: "nosuchservice")");
}

TEST_CASE("a bad target says what is wrong and what to give") {
  CHECK(refusal("") == R"("" is empty: give HOST:PORT)");
  CHECK(refusal("host") == R"("host" has no port: give HOST:PORT)");
  CHECK(refusal("host:") == R"("host:" has no port after ':')");
  CHECK(refusal("[::1]") == R"("[::1]" has no port: give [ADDRESS]:PORT)");
  CHECK(refusal("[::1") == R"("[::1" has '[' without ']': an IPv6 address goes as [ADDRESS]:PORT)");
  CHECK(refusal("[::1]80") == R"("[::1]80" has something other than :PORT after ']')");
  CHECK(refusal("[]:80") == R"("[]:80" has no address between '[' and ']')");
  CHECK(refusal("http://host:80") == R"("http://host:80" is a URL: give HOST:PORT)");
  CHECK(refusal("me@host:80") == R"("me@host:80" names a user: give HOST:PORT)");
  CHECK(refusal("::1:80") == R"("::1:80" has more than one ':': an IPv6 address goes in brackets, [::1]:80)");
  CHECK(refusal("[192.0.2.7]:80") == R"("192.0.2.7" is not an IPv6 address)");
  CHECK(refusal("[::g]:80") == R"("::g" is not an IPv6 address)");
}

TEST_CASE("an IPv6 address without brackets is shown with them, and with a port where it has none") {
  const auto advice = [](const char* text) {
    const std::string why = refusal(text);
    return why.substr(why.rfind(' ') + 1);
  };
  CHECK(advice("2001:db8::5:443") == "[2001:db8::5]:443");
  CHECK(advice("fe80::1%eth0:80") == "[fe80::1%eth0]:80");
  CHECK(advice("::") == "[::]:PORT");
  CHECK(advice("::1") == "[::1]:PORT");
  CHECK(advice("fe80::1%eth0") == "[fe80::1%eth0]:PORT");
  CHECK(advice("2001:db8::") == "[2001:db8::]:PORT");
  CHECK(advice("host:80:90") == "[ADDRESS]:PORT");
}

TEST_CASE("what looks like an IPv4 address is one, or is refused") {
  for (const char* bad : {"1.2.3:80", "1.2.3.4.5:80", "256.1.1.1:80", "01.2.3.4:80", "0x7f000001:80", "2130706433:80",
                          "127.0.0.0x1:80", "1.2.3.4.:80", "127.1:80", "a.1:80"}) {
    CAPTURE(bad);
    CHECK(refusal(bad).find("is not an IPv4 address") != std::string::npos);
  }
}

TEST_CASE("host names are ASCII labels of bounded length") {
  const std::string label(63, 'a');
  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'b');
  CHECK(longest.size() == 253);
  CHECK(good(longest + ":80").host == longest);
  CHECK(good(longest + ".:80").host == longest + ".");
  CHECK(refusal(longest + "b:80").find("longer than 253 bytes") != std::string::npos);
  CHECK(refused(label + "a:80"));
  for (const char* bad : {"a..b:80", ".a:80", ".:80", "a b:80",
                          "b\xc3\xbc"
                          "cher:80",
                          "a/b:80", "a*:80", "a%lo:80"}) {
    CAPTURE(bad);
    CHECK(refusal(bad).find("is not a host name") != std::string::npos);
  }
}

TEST_CASE("control bytes do not reach the sentence, and a zero byte ends nothing") {
  CHECK(refusal("a\nb:80").find('\n') == std::string::npos);
  CHECK(refused(std::string_view("[::1\0x]:80", 10)));
  CHECK(refused(std::string_view("127.0.0.1\0:80", 13)));
  CHECK(refused(std::string_view("[fe80::1%lo\0x]:80", 17)));
  CHECK(refused(std::string_view("h:80\0", 5)));
  CHECK(source(std::string_view("127.0.0.1\0x", 11)) == "refused");
  CHECK(source(std::string_view("::1\0x", 5)) == "refused");
}

TEST_CASE("a source is an address of this host, with or without a port") {
  CHECK(source("127.0.0.1") == "127.0.0.1:0");
  CHECK(source("127.0.0.1:4000") == "127.0.0.1:4000");
  CHECK(source("::1") == "[::1]:0");
  CHECK(source("[::1]") == "[::1]:0");
  CHECK(source("[::1]:4000") == "[::1]:4000");
  CHECK(source("fe80::1%lo") == "[fe80::1%lo]:0");
  for (const char* bad :
       {"", "localhost", "localhost:80", ":80", "127.1", "[::1", "::1]:80", "1.2.3.4:0", "[]", "eth0"}) {
    CAPTURE(bad);
    CHECK(source(bad) == "refused");
  }
}

TEST_CASE("no text makes the parser of targets accept what cannot be connected to") {
  std::mt19937 random(20240229);
  int taken = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::string text = mutated(random);
    const Result<Target> target = parse_target(text);
    if (target) ++taken;
    if (target ? sound(*target) : target.error().doing.find('\n') == std::string::npos) continue;
    CAPTURE(text);
    FAIL_CHECK("an unsound answer");
  }
  CHECK(taken > 1000);
  CHECK(taken < 90'000);
}
