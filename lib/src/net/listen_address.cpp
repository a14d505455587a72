#include <tcpkit/net/listen_address.hpp>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string>

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <tcpkit/base/units.hpp>

#include "net/target.hpp"
#include "os/descriptor.hpp"

namespace tcpkit {
namespace {

constexpr TargetForm kForm = {.least_port = 0, .any_host = true, .usage = "HOST:PORT, :PORT or *:PORT"};

Endpoint any_ipv4(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  return {reinterpret_cast<const sockaddr*>(&address), sizeof(address)};
}

Endpoint any_ipv6(std::uint16_t port) {
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  return {reinterpret_cast<const sockaddr*>(&address), sizeof(address)};
}

std::vector<Endpoint> every_address(std::uint16_t port, Families families) {
  switch (families) {
    case Families::Ipv4:
      return {any_ipv4(port)};
    case Families::Ipv6:
      return {any_ipv6(port)};
    case Families::Both:
      break;
  }
  return {any_ipv4(port), any_ipv6(port)};
}

/// Whether a socket could have this address on some port. Only what a missing address or family fails with says no: of
/// a limit that is hit, the real bind will tell.
bool can_bind(Endpoint endpoint) {
  endpoint.set_port(0);
  const os::Descriptor scratch(::socket(endpoint.family(), SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!scratch) return errno != EAFNOSUPPORT;
  return ::bind(scratch.get(), endpoint.data(), endpoint.size()) == 0 || errno != EADDRNOTAVAIL;
}

/// Of a family this host has none when it can bind neither an address that was meant nor the loopback: a kernel without
/// IPv6, or net.ipv6.conf.all.disable_ipv6. A name's address that merely is another host's is no such case.
bool has_family(const std::vector<Endpoint>& meant, int family) {
  const Endpoint loopback = family == AF_INET6 ? Endpoint::ipv6_loopback(0) : Endpoint::ipv4_loopback(0);
  return can_bind(loopback) || std::ranges::any_of(meant, [&](const Endpoint& endpoint) {
           return endpoint.family() == family && can_bind(endpoint);
         });
}

/// When no family is left, all stay: binding them says what is wrong.
std::vector<Endpoint> without_missing_family(std::vector<Endpoint> meant) {
  const bool ipv4 = has_family(meant, AF_INET);
  const bool ipv6 = has_family(meant, AF_INET6);
  std::vector<Endpoint> kept;
  std::ranges::copy_if(meant, std::back_inserter(kept),
                       [&](const Endpoint& endpoint) { return endpoint.family() == AF_INET6 ? ipv6 : ipv4; });
  return kept.empty() ? meant : kept;
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const bool port_alone = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  if (port_alone) return bad_value(fmt::format("{} has no ':' before its port: give :PORT or *:PORT", quote(text)));
  Result<Target> target = parse_target(text, kForm);
  if (!target) return target.error();
  const bool every = target->host == "*";
  return ListenAddress{std::move(*target), every};
}

Result<std::vector<Endpoint>> resolve(const ListenAddress& address, Families families, Clock::time_point deadline) {
  Result<std::vector<Endpoint>> meant = address.every_address ? every_address(address.target.port, families)
                                                              : resolve(address.target, families, deadline);
  if (!meant || families != Families::Both || address.target.numeric) return meant;
  return without_missing_family(std::move(*meant));
}

}  // namespace tcpkit
