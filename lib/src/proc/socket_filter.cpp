#include <tcpkit/proc/socket_filter.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string>

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <tcpkit/base/units.hpp>

#include "base/letters.hpp"
#include "proc/unmapped.hpp"
#include "sock/address_parser.hpp"

namespace tcpkit {
namespace {

constexpr unsigned kIpv4Bits = 32;
constexpr unsigned kIpv6Bits = 128;

struct Split {
  std::string_view host;
  std::string_view rest;  ///< from '/' or ':' on
  bool bracketed = false;
};

Error bad_match(std::string_view text, std::string_view why) {
  return bad_value(
      fmt::format("{} {}: give ADDRESS, ADDRESS/BITS, ADDRESS:PORT, ADDRESS/BITS:PORT or :PORT, an IPv6 "
                  "address in brackets",
                  quote(text), why));
}

Result<Split> split_match(std::string_view text) {
  if (text.empty()) return bad_match(text, "is empty");
  if (text.find('\0') != std::string_view::npos) return bad_match(text, "has a zero byte in it");
  if (text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return bad_match(text, "has '[' without ']'");
    return Split{text.substr(1, close - 1), text.substr(close + 1), true};
  }
  if (std::ranges::count(text, ':') > 1) return bad_match(text, "has more than one ':'");
  const std::size_t end = std::min(text.find_first_of("/:"), text.size());
  return Split{text.substr(0, end), text.substr(end), false};
}

Result<AddressMatch> match_of_host(std::string_view text, const Split& split) {
  AddressMatch match;
  if (!split.bracketed && (split.host.empty() || split.host == "*")) return match;
  const Result<Endpoint> address = split.bracketed ? parse_ipv6(split.host) : parse_ipv4(split.host);
  if (!address) return bad_match(text, "has no numeric address (names are not resolved)");
  match.address = *address;
  match.prefix_bits = split.bracketed ? kIpv6Bits : kIpv4Bits;
  return match;
}

/// Of "/8:443" the 8, and leaves ":443".
Result<unsigned> take_prefix(std::string_view text, std::string_view& rest, unsigned most) {
  const std::size_t colon = std::min(rest.find(':'), rest.size());
  const Result<std::int64_t> bits = parse_integer(rest.substr(1, colon - 1), 0, most);
  if (!bits) return bad_match(text, fmt::format("has no valid prefix length: {}", bits.error().doing));
  rest.remove_prefix(colon);
  return static_cast<unsigned>(*bits);
}

std::span<const unsigned char> address_bytes(const Endpoint& endpoint) noexcept {
  if (endpoint.family() == AF_INET6) return ipv6_of(endpoint).s6_addr;
  const in_addr& ipv4 = reinterpret_cast<const sockaddr_in*>(endpoint.data())->sin_addr;
  return {reinterpret_cast<const unsigned char*>(&ipv4), sizeof(ipv4)};
}

std::uint32_t zone_of(const Endpoint& endpoint) noexcept {
  if (endpoint.family() != AF_INET6) return 0;
  return reinterpret_cast<const sockaddr_in6*>(endpoint.data())->sin6_scope_id;
}

bool same_prefix(const Endpoint& one, const Endpoint& other, unsigned bits) noexcept {
  const auto a = address_bytes(one);
  const auto b = address_bytes(other);
  const std::size_t whole = bits / 8;
  if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const auto differing = static_cast<unsigned>(a[whole] ^ b[whole]);
  return differing >> (8 - bits % 8) == 0;
}

bool address_matches(const Endpoint& wanted, unsigned bits, const Endpoint& endpoint) noexcept {
  constexpr unsigned kMappedBits = kIpv6Bits - kIpv4Bits;  // ::ffff:0:0/96, RFC 4291 2.5.5.2
  const Endpoint as_ipv4 = unmapped(wanted);
  const bool mapped = as_ipv4.family() != wanted.family() && bits >= kMappedBits;
  if (mapped) return address_matches(as_ipv4, bits - kMappedBits, endpoint);
  const Endpoint other = wanted.family() == AF_INET ? unmapped(endpoint) : endpoint;
  if (other.family() != wanted.family()) return false;
  if (zone_of(wanted) != 0 && zone_of(wanted) != zone_of(other)) return false;
  return same_prefix(wanted, other, bits);
}

bool any_matches(const std::vector<AddressMatch>& wanted, const Endpoint& endpoint) noexcept {
  return wanted.empty() ||
         std::ranges::any_of(wanted, [&](const AddressMatch& match) { return matches(match, endpoint); });
}

bool port_matches(const std::vector<std::uint16_t>& ports, const SocketEntry& entry) noexcept {
  return ports.empty() || std::ranges::any_of(ports, [&](std::uint16_t port) {
           return entry.local.port() == port || entry.peer.port() == port;
         });
}

constexpr std::uint32_t bit(SocketState state) {
  return 1U << static_cast<unsigned>(state);
}

struct Spelling {
  std::string_view name;
  std::uint32_t states;
};

using enum SocketState;
constexpr std::uint32_t kIdle = bit(Listen) | bit(Close) | bit(BoundInactive);
constexpr std::uint32_t kSmall = bit(SynReceived) | bit(TimeWait);

// Beside socket_state_name(): the groups of ss(8) ...
constexpr std::array kGroups = {Spelling{"all", kAllStates}, Spelling{"connected", kAllStates & ~kIdle},
                                Spelling{"synchronized", kAllStates & ~kIdle & ~bit(SynSent)},
                                Spelling{"bucket", kSmall}, Spelling{"big", kAllStates & ~kSmall}};

// ... and what else it prints or takes for a state.
constexpr std::array kSpellings = {Spelling{"listening", bit(Listen)},    Spelling{"estab", bit(Established)},
                                   Spelling{"syn-rcv", bit(SynReceived)}, Spelling{"close", bit(Close)},
                                   Spelling{"unconnected", bit(Close)},   Spelling{"unconn", bit(Close)}};

/// Those that a socket can be found in: the kernel tells NewSynReceived as syn-recv (inet_req_diag_fill).
std::vector<SocketState> found_states() {
  std::vector<SocketState> states;
  for (unsigned number = 1; number <= static_cast<unsigned>(BoundInactive); ++number) {
    if (number != static_cast<unsigned>(NewSynReceived)) states.push_back(static_cast<SocketState>(number));
  }
  return states;
}

}  // namespace

Result<AddressMatch> parse_address_match(std::string_view text) {
  const Result<Split> split = split_match(text);
  if (!split) return split.error();
  Result<AddressMatch> match = match_of_host(text, *split);
  if (!match) return match;
  std::string_view rest = split->rest;
  if (rest.starts_with('/')) {
    if (!match->address) return bad_match(text, "has a prefix length without an address");
    const Result<unsigned> bits = take_prefix(text, rest, match->prefix_bits);
    if (!bits) return bits.error();
    match->prefix_bits = *bits;
  }
  if (rest.starts_with(':')) {
    const Result<std::uint16_t> port = parse_port(text, rest.substr(1), 1);
    if (!port) return port.error();
    match->port = *port;
  } else if (!rest.empty()) {
    return bad_match(text, "has something other than /BITS or :PORT after the address");
  }
  if (!match->address && !match->port) return bad_match(text, "has neither address nor port");
  return match;
}

bool matches(const AddressMatch& match, const Endpoint& endpoint) noexcept {
  if (match.port && endpoint.port() != *match.port) return false;
  return !match.address || address_matches(*match.address, match.prefix_bits, endpoint);
}

Result<std::uint32_t> parse_socket_state(std::string_view text) {
  for (const SocketState state : found_states()) {
    if (same_spelling(text, socket_state_name(state))) return bit(state);
  }
  for (const std::span<const Spelling> rows :
       {std::span<const Spelling>(kGroups), std::span<const Spelling>(kSpellings)}) {
    const auto row = std::ranges::find_if(rows, [&](const Spelling& s) { return same_spelling(s.name, text); });
    if (row != rows.end()) return row->states;
  }
  return bad_value(fmt::format("{} is not a state: {} is allowed", quote(text), fmt::join(socket_state_words(), ", ")));
}

std::vector<std::string> socket_state_words() {
  std::vector<std::string> words;
  for (const SocketState state : found_states()) words.push_back(socket_state_name(state));
  for (const Spelling& group : kGroups) words.emplace_back(group.name);
  return words;
}

bool matches(const SocketFilter& filter, const SocketEntry& entry) noexcept {
  const auto state = static_cast<unsigned>(entry.state);
  const bool state_wanted = state < 32 ? (filter.states >> state & 1U) != 0 : filter.states == kAllStates;
  return state_wanted && port_matches(filter.ports, entry) && any_matches(filter.local, entry.local) &&
         any_matches(filter.peer, entry.peer);
}

}  // namespace tcpkit
