#include <tcpkit/sock/endpoint.hpp>

#include <array>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/compile.h>
#include <fmt/format.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace tcpkit {
namespace {

const sockaddr_in& v4(const Endpoint& endpoint) {
  return *reinterpret_cast<const sockaddr_in*>(endpoint.data());
}

const sockaddr_in6& v6(const Endpoint& endpoint) {
  return *reinterpret_cast<const sockaddr_in6*>(endpoint.data());
}

/// As inet_ntop(3), which takes several times as long: lists have thousands of them.
std::string dotted(const sockaddr_in& address) {
  std::array<std::uint8_t, 4> byte;
  std::memcpy(byte.data(), &address.sin_addr, byte.size());
  return fmt::format(FMT_COMPILE("{}.{}.{}.{}"), byte[0], byte[1], byte[2], byte[3]);
}

std::string with_port(std::string_view address, std::uint16_t port) {
  return fmt::format(FMT_COMPILE("{}:{}"), address, port);
}

std::string scope_suffix(std::uint32_t scope) {
  if (scope == 0) return {};
  std::array<char, IF_NAMESIZE> name = {};
  if (::if_indextoname(scope, name.data()) == nullptr) return fmt::format("%{}", scope);
  return fmt::format("%{}", name.data());
}

bool is_ipv4_loopback(const std::uint8_t* address) {
  constexpr std::uint8_t kLoopbackNet = 127;  // RFC 1122 3.2.1.3
  return address[0] == kLoopbackNet;
}

}  // namespace

Endpoint::Endpoint(const sockaddr* address, unsigned length) {
  static_assert(sizeof(sockaddr_in6) == sizeof(storage_));
  const bool ipv4 = address->sa_family == AF_INET && length >= sizeof(sockaddr_in);
  const bool ipv6 = address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6);
  if (ipv4) std::memcpy(storage_.data(), address, sizeof(sockaddr_in));
  if (ipv6) std::memcpy(storage_.data(), address, sizeof(sockaddr_in6));
}

Endpoint Endpoint::ipv4_loopback(std::uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return {reinterpret_cast<const sockaddr*>(&address), sizeof(address)};
}

Endpoint Endpoint::ipv6_loopback(std::uint16_t port) {
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(port);
  return {reinterpret_cast<const sockaddr*>(&address), sizeof(address)};
}

int Endpoint::family() const noexcept {
  return data()->sa_family;
}

const sockaddr* Endpoint::data() const noexcept {
  return reinterpret_cast<const sockaddr*>(storage_.data());
}

std::uint16_t Endpoint::port() const noexcept {
  // sin_port and sin6_port stand at the same place.
  return ntohs(v4(*this).sin_port);
}

void Endpoint::set_port(std::uint16_t port) noexcept {
  reinterpret_cast<sockaddr_in*>(storage_.data())->sin_port = htons(port);
}

std::string Endpoint::address() const {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  switch (family()) {
    case AF_INET:
      return dotted(v4(*this));
    case AF_INET6:
      ::inet_ntop(AF_INET6, &v6(*this).sin6_addr, text.data(), text.size());
      return text.data() + scope_suffix(v6(*this).sin6_scope_id);
    default:
      return "-";
  }
}

std::string Endpoint::text() const {
  switch (family()) {
    case AF_INET:
      return with_port(dotted(v4(*this)), port());
    case AF_INET6:
      return with_port(fmt::format("[{}]", address()), port());
    default:
      return "-";
  }
}

unsigned Endpoint::size() const noexcept {
  switch (family()) {
    case AF_INET:
      return sizeof(sockaddr_in);
    case AF_INET6:
      return sizeof(sockaddr_in6);
    default:
      return 0;
  }
}

bool operator==(const Endpoint& a, const Endpoint& b) noexcept {
  return a.size() == b.size() && std::memcmp(a.storage_.data(), b.storage_.data(), a.size()) == 0;
}

Endpoint local_endpoint(int socket) {
  sockaddr_storage storage = {};
  socklen_t length = sizeof(storage);
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (::getsockname(socket, address, &length) != 0) return {};
  return {address, length};
}

Endpoint peer_endpoint(int socket) {
  sockaddr_storage storage = {};
  socklen_t length = sizeof(storage);
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (::getpeername(socket, address, &length) != 0) return {};
  return {address, length};
}

std::string family_name(int family) {
  switch (family) {
    case AF_INET:
      return "IPv4";
    case AF_INET6:
      return "IPv6";
    default:
      return "none";
  }
}

bool is_loopback(const Endpoint& endpoint) noexcept {
  if (endpoint.family() == AF_INET) {
    return is_ipv4_loopback(reinterpret_cast<const std::uint8_t*>(&v4(endpoint).sin_addr));
  }
  if (endpoint.family() != AF_INET6) return false;
  const in6_addr& address = v6(endpoint).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&address)) return is_ipv4_loopback(&address.s6_addr[12]);
  return IN6_IS_ADDR_LOOPBACK(&address);
}

bool is_any_address(const Endpoint& endpoint) noexcept {
  if (endpoint.family() == AF_INET) return v4(endpoint).sin_addr.s_addr == htonl(INADDR_ANY);
  return endpoint.family() == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&v6(endpoint).sin6_addr);
}

}  // namespace tcpkit
