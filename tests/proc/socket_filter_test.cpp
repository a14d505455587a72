#include <tcpkit/proc/socket_filter.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <random>
#include <string>

#include <sys/socket.h>

#include "sock/address_parser.hpp"
#include "support/catch.hpp"

using namespace tcpkit;

namespace {

Endpoint at(std::string_view address, std::uint16_t port) {
  const bool ipv4 = address.find(':') == std::string_view::npos;
  Result<Endpoint> endpoint = ipv4 ? parse_ipv4(address) : parse_ipv6(address);
  REQUIRE(endpoint);
  endpoint->set_port(port);
  return *endpoint;
}

AddressMatch good(std::string_view text) {
  const Result<AddressMatch> match = parse_address_match(text);
  INFO(text << ": " << (match ? "" : match.error().doing));
  REQUIRE(match);
  return *match;
}

std::string refusal(std::string_view text) {
  const Result<AddressMatch> match = parse_address_match(text);
  INFO(text);
  REQUIRE_FALSE(match);
  CHECK(match.error().code == Errc::bad_value);
  return match.error().doing;
}

bool hits(std::string_view match, std::string_view address, std::uint16_t port = 443) {
  return matches(good(match), at(address, port));
}

std::uint32_t states(std::string_view text) {
  const Result<std::uint32_t> parsed = parse_socket_state(text);
  INFO(text);
  REQUIRE(parsed);
  return *parsed;
}

std::uint32_t bits(std::initializer_list<SocketState> list) {
  std::uint32_t all = 0;
  for (const SocketState state : list) all |= 1U << static_cast<unsigned>(state);
  return all;
}

SocketEntry entry(SocketState state, const Endpoint& local, const Endpoint& peer = {}) {
  SocketEntry made;
  made.state = state;
  made.local = local;
  made.peer = peer;
  return made;
}

std::string shown(const AddressMatch& match) {
  const std::string address = match.address ? match.address->address() + "/" + std::to_string(match.prefix_bits) : "-";
  return address + " " + (match.port ? std::to_string(*match.port) : "-");
}

/// As parse_address_match() takes it: the other direction, to see that nothing is lost.
std::string written(const AddressMatch& match) {
  std::string text;
  if (match.address) {
    const std::string address = match.address->address();
    text =
        (match.address->family() == AF_INET6 ? "[" + address + "]" : address) + "/" + std::to_string(match.prefix_bits);
  }
  return match.port ? text + ":" + std::to_string(*match.port) : text;
}

std::string mutated(std::mt19937& random) {
  constexpr std::array<std::string_view, 10> kSeeds = {
      "10.0.0.1", "10.0.0.0/8", "10.0.0.0/8:443",     "[2001:db8::]/32", "[::1]:443",
      ":443",     "*:443",      "[fe80::1%lo]/64:80", "127.0.0.1:http",  "[::ffff:10.0.0.1]/120"};
  constexpr std::string_view kBytes("0123456789abcdef.:[]%@/- \0\xc3\n*_lohtp", 35);
  const auto below = [&](std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random); };
  std::string text(kSeeds[below(kSeeds.size())]);
  for (std::size_t edits = below(4); edits > 0; --edits) {
    const std::size_t place = below(text.size() + 1);
    const char byte = kBytes[below(kBytes.size())];
    if (below(2) == 0) {
      text.insert(place, 1, byte);
    } else if (place < text.size()) {
      below(2) == 0 ? text.erase(place, 1) : text.replace(place, 1, 1, byte);
    }
  }
  return text;
}

}  // namespace

TEST_CASE("an address match is an address, a prefix, a port, or both") {
  CHECK(shown(good("10.0.0.1")) == "10.0.0.1/32 -");
  CHECK(shown(good("10.0.0.0/8")) == "10.0.0.0/8 -");
  CHECK(shown(good("10.0.0.0/8:443")) == "10.0.0.0/8 443");
  CHECK(shown(good("10.0.0.1:443")) == "10.0.0.1/32 443");
  CHECK(shown(good("0.0.0.0/0")) == "0.0.0.0/0 -");
  CHECK(shown(good("[2001:db8::]/32")) == "2001:db8::/32 -");
  CHECK(shown(good("[2001:db8::]/32:443")) == "2001:db8::/32 443");
  CHECK(shown(good("[::1]:443")) == "::1/128 443");
  CHECK(shown(good("[::1]")) == "::1/128 -");
  CHECK(shown(good("[fe80::1%lo]")) == "fe80::1%lo/128 -");
  CHECK(shown(good(":443")) == "- 443");
  CHECK(shown(good("*:443")) == "- 443");
  CHECK(shown(good(":http")) == "- 80");
}

TEST_CASE("an address match that could mean two things is refused") {
  for (const std::string_view text : {"",
                                      "*",
                                      ":",
                                      "*:",
                                      "/8",
                                      ":443/8",
                                      "*/8",
                                      "*/8:443",
                                      "10.0.0.1/",
                                      "10.0.0.1/33",
                                      "10.0.0.1/-1",
                                      "10.0.0.1/08",
                                      "10.0.0.1:",
                                      "10.0.0.1:0",
                                      "10.0.0.1:65536",
                                      "10.0.0.1:080",
                                      "10.0.0.1:443/8",
                                      "10.0.0.1/8/8",
                                      "10.0.0.1:1:2",
                                      "10.0.0",
                                      "010.0.0.1",
                                      "0x7f.0.0.1",
                                      "443",
                                      "localhost",
                                      "localhost:80",
                                      "::1",
                                      "::1:443",
                                      "2001:db8::/32",
                                      "[::1",
                                      "::1]",
                                      "[]",
                                      "[]:443",
                                      "[::1]443",
                                      "[::1]x",
                                      "[::1]/129",
                                      "[::1]/",
                                      "[::1/128]",
                                      "[10.0.0.1]",
                                      "[fe80::1%nosuch]",
                                      "[*]:443",
                                      " 10.0.0.1",
                                      "10.0.0.1 ",
                                      ":no-such-service",
                                      "10.0.0.1@80"}) {
    refusal(text);
  }
  refusal(std::string_view("10.0.0.1\0", 9));
  refusal(std::string_view("[::1\0]", 6));
  CHECK(refusal("localhost:80").find("names are not resolved") != std::string::npos);
  CHECK(refusal("::1").find("an IPv6 address in brackets") != std::string::npos);
}

TEST_CASE("a prefix matches its addresses and no others") {
  CHECK(hits("10.0.0.0/8", "10.255.0.1"));
  CHECK_FALSE(hits("10.0.0.0/8", "11.0.0.1"));
  CHECK(hits("10.0.0.1/8", "10.9.9.9"));
  CHECK(hits("192.168.4.0/22", "192.168.7.255"));
  CHECK_FALSE(hits("192.168.4.0/22", "192.168.8.0"));
  CHECK(hits("10.0.0.1/32", "10.0.0.1"));
  CHECK_FALSE(hits("10.0.0.1/31", "10.0.0.2"));
  CHECK(hits("0.0.0.0/0", "203.0.113.9"));
  CHECK(hits("128.0.0.0/1", "255.0.0.0"));
  CHECK_FALSE(hits("128.0.0.0/1", "127.255.255.255"));
  CHECK(hits("[2001:db8::]/32", "2001:db8:ffff::1"));
  CHECK_FALSE(hits("[2001:db8::]/32", "2001:db9::1"));
  CHECK(hits("[2001:db8::]/33", "2001:db8:7fff::1"));
  CHECK_FALSE(hits("[2001:db8::]/33", "2001:db8:8000::1"));
  CHECK(hits("[::1]", "::1"));
  CHECK_FALSE(hits("[::1]", "::2"));
}

TEST_CASE("a port matches at any address, an address at any port, both only together") {
  CHECK(hits(":443", "10.0.0.1", 443));
  CHECK(hits("*:443", "::1", 443));
  CHECK_FALSE(hits(":443", "10.0.0.1", 444));
  CHECK(hits("10.0.0.1", "10.0.0.1", 1));
  CHECK(hits("10.0.0.1:443", "10.0.0.1", 443));
  CHECK_FALSE(hits("10.0.0.1:443", "10.0.0.1", 444));
  CHECK_FALSE(hits("10.0.0.1:443", "10.0.0.2", 443));
}

TEST_CASE("an IPv4 address is the same one written by an IPv6 socket, both ways") {
  CHECK(hits("10.0.0.1", "::ffff:10.0.0.1"));
  CHECK(hits("10.0.0.0/8", "::ffff:10.9.9.9"));
  CHECK_FALSE(hits("10.0.0.0/8", "::ffff:11.0.0.1"));
  CHECK(hits("0.0.0.0/0", "::ffff:11.0.0.1"));
  CHECK_FALSE(hits("0.0.0.0/0", "::1"));
  CHECK(hits("[::ffff:10.0.0.1]", "10.0.0.1"));
  CHECK(hits("[::ffff:10.0.0.0]/104", "10.9.9.9"));
  CHECK_FALSE(hits("[::ffff:10.0.0.0]/104", "11.0.0.1"));
  CHECK(hits("[::]/0", "::ffff:10.0.0.1"));
  CHECK_FALSE(hits("[::]/0", "10.0.0.1"));
  CHECK_FALSE(hits("[::]", "0.0.0.0"));
}

TEST_CASE("a zone that is given must be the socket's, one that is not given is any") {
  CHECK(hits("[fe80::1%lo]", "fe80::1%lo"));
  CHECK_FALSE(hits("[fe80::1%lo]", "fe80::1"));
  CHECK(hits("[fe80::1]", "fe80::1%lo"));
}

TEST_CASE("no address is matched by no condition") {
  CHECK_FALSE(matches(good("0.0.0.0/0"), Endpoint()));
  CHECK_FALSE(matches(good("[::]/0"), Endpoint()));
  CHECK_FALSE(matches(good(":443"), Endpoint()));
}

TEST_CASE("states are spelled as ss does, its groups too") {
  using enum SocketState;
  CHECK(states("listen") == bits({Listen}));
  CHECK(states("LISTENING") == bits({Listen}));
  CHECK(states("established") == states("ESTAB"));
  CHECK(states("time_wait") == bits({TimeWait}));
  CHECK(states("FIN-WAIT-1") == bits({FinWait1}));
  CHECK(states("bound-inactive") == bits({BoundInactive}));
  CHECK(states("all") == kAllStates);
  CHECK((states("connected") & 0x3ffe) == bits({Established, SynSent, SynReceived, FinWait1, FinWait2, TimeWait,
                                                CloseWait, LastAck, Closing, NewSynReceived}));
  CHECK(states("synchronized") == (states("connected") & ~bits({SynSent})));
  CHECK(states("bucket") == bits({SynReceived, TimeWait}));
  CHECK(states("big") == ~states("bucket"));
  for (const std::string_view text : {"", "-", "listen ", "liste", "state 42", "new-syn-recv", "1", "UNKNOWN"}) {
    INFO(text);
    const Result<std::uint32_t> parsed = parse_socket_state(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == Errc::bad_value);
    CHECK(parsed.error().doing.find("time-wait") != std::string::npos);
  }
}

TEST_CASE("every state has a name, and the name is that state") {
  for (unsigned number = 1; number <= 13; ++number) {
    const std::string name = socket_state_name(static_cast<SocketState>(number));
    CAPTURE(name);
    if (number != 12) CHECK(states(name) == 1U << number);
  }
  CHECK(socket_state_name(static_cast<SocketState>(0)) == "state 0");
  CHECK(socket_state_name(static_cast<SocketState>(42)) == "state 42");
  CHECK(socket_state_name(static_cast<SocketState>(255)) == "state 255");
}

TEST_CASE("a filter wants all of its conditions, and of each one alternative") {
  const SocketEntry connection = entry(SocketState::Established, at("10.0.0.1", 40000), at("::ffff:192.0.2.7", 443));
  SocketFilter filter;
  CHECK(matches(filter, connection));
  filter.states = states("established");
  filter.ports = {80, 443};
  filter.local = {good("[::1]"), good("10.0.0.0/24")};
  filter.peer = {good("192.0.2.0/24:443")};
  CHECK(matches(filter, connection));
  const auto without = [&](auto change) {
    SocketFilter other = filter;
    change(other);
    return matches(other, connection);
  };
  CHECK_FALSE(without([](SocketFilter& f) { f.states = states("listen"); }));
  CHECK_FALSE(without([](SocketFilter& f) { f.ports = {80}; }));
  CHECK(without([](SocketFilter& f) { f.ports = {40000}; }));
  CHECK_FALSE(without([](SocketFilter& f) { f.local = {good("[::1]")}; }));
  CHECK_FALSE(without([](SocketFilter& f) { f.peer = {good("192.0.2.0/24:80")}; }));
}

TEST_CASE("a listener has no peer that could match") {
  const SocketEntry listener = entry(SocketState::Listen, at("0.0.0.0", 80));
  SocketFilter filter;
  filter.peer = {good("0.0.0.0/0")};
  CHECK_FALSE(matches(filter, listener));
  filter.peer.clear();
  filter.ports = {80};
  CHECK(matches(filter, listener));
}

TEST_CASE("a state of later kernels is found only where every state is wanted") {
  const SocketEntry strange = entry(static_cast<SocketState>(200), at("10.0.0.1", 80));
  SocketFilter filter;
  CHECK(matches(filter, strange));
  filter.states = states("connected");
  CHECK_FALSE(matches(filter, strange));
}

TEST_CASE("fuzz: an accepted address match is what it prints as, and matches its own address") {
  std::mt19937 random(20240229);
  int taken = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::string text = mutated(random);
    CAPTURE(text);
    const Result<AddressMatch> match = parse_address_match(text);
    if (!match) {
      if (match.error().code != Errc::bad_value) FAIL("not refused as a bad value");
      continue;
    }
    ++taken;
    const Result<AddressMatch> again = parse_address_match(written(*match));
    if (!again || shown(*again) != shown(*match)) FAIL("does not read back");
    Endpoint own = match->address.value_or(Endpoint::ipv4_loopback(0));
    own.set_port(match->port.value_or(1));
    if (!matches(*match, own)) FAIL("does not match itself");
  }
  CHECK(taken > 10'000);
}
