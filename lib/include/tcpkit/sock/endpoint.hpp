#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <tcpkit/base/api.hpp>

struct sockaddr;

namespace tcpkit {

/// An IPv4 or IPv6 address with a port, as the kernel keeps it. A plain value. The name of an interface in address()
/// and text() is looked up when they are called, and may have any bytes: escape it for a terminal.
class TCPKIT_API Endpoint {
 public:
  /// No address: family() is AF_UNSPEC and text() is "-".
  Endpoint() = default;
  /// From the kernel's structure, at least a family long; anything but AF_INET and AF_INET6 gives no address.
  Endpoint(const sockaddr* address, unsigned length);

  static Endpoint ipv4_loopback(std::uint16_t port);
  static Endpoint ipv6_loopback(std::uint16_t port);

  [[nodiscard]] int family() const noexcept;
  [[nodiscard]] std::uint16_t port() const noexcept;
  void set_port(std::uint16_t port) noexcept;

  /// The address alone: "10.0.0.1", "fe80::1%eth0".
  [[nodiscard]] std::string address() const;
  /// "10.0.0.1:80", "[fe80::1%eth0]:80", or "-" when there is none.
  [[nodiscard]] std::string text() const;

  /// For bind(2), connect(2): the kernel's structure and its length.
  [[nodiscard]] const sockaddr* data() const noexcept;
  [[nodiscard]] unsigned size() const noexcept;

  /// Of the kernel's whole structure: family, address, port, for IPv6 also flow label and interface.
  friend TCPKIT_API bool operator==(const Endpoint& a, const Endpoint& b) noexcept;

 private:
  alignas(8) std::array<unsigned char, 28> storage_ = {};  // room for sockaddr_in6
};

/// Whether only programs of this host can reach it: 127.0.0.0/8, ::1, ::ffff:127.0.0.0/104.
[[nodiscard]] TCPKIT_API bool is_loopback(const Endpoint& endpoint) noexcept;

/// Whether it stands for every address: 0.0.0.0, ::.
[[nodiscard]] TCPKIT_API bool is_any_address(const Endpoint& endpoint) noexcept;

/// getsockname(2); no address when the kernel has none.
[[nodiscard]] TCPKIT_API Endpoint local_endpoint(int socket);

/// getpeername(2); no address when the kernel has none, as for a socket that is not connected.
[[nodiscard]] TCPKIT_API Endpoint peer_endpoint(int socket);

/// "IPv4" or "IPv6".
[[nodiscard]] TCPKIT_API std::string family_name(int family);

}  // namespace tcpkit
