#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/proc/socket_entry.hpp>

/// Which sockets are meant.
namespace tcpkit {

/// An address with a prefix, a port, or both.
struct AddressMatch {
  std::optional<Endpoint> address;  ///< its port is not looked at
  unsigned prefix_bits = 0;         ///< of `address`; 32 or 128 for all of it
  std::optional<std::uint16_t> port;
};

/// "10.0.0.1", "10.0.0.0/8", "10.0.0.0/8:443", "[2001:db8::]/32", "[::1]:443", ":443", "*:443"; ports also as service
/// names. Fails with Errc::bad_value. Names are not resolved. Thread-safe.
[[nodiscard]] TCPKIT_API Result<AddressMatch> parse_address_match(std::string_view text);

/// An IPv4 address also matches the same one written by an IPv6 socket (::ffff:10.0.0.1). Pure.
[[nodiscard]] TCPKIT_API bool matches(const AddressMatch& match, const Endpoint& endpoint) noexcept;

/// "listen", "established", "time-wait", ... and the groups of ss(8): "all", "connected", "synchronized", "bucket",
/// "big". Case, '-' and '_' do not matter. A bit for each state: 1 << number. Fails with Errc::bad_value and the states
/// there are.
[[nodiscard]] TCPKIT_API Result<std::uint32_t> parse_socket_state(std::string_view text);

/// The names that parse_socket_state() takes, one spelling of each: states, then groups.
[[nodiscard]] TCPKIT_API std::vector<std::string> socket_state_words();

inline constexpr std::uint32_t kAllStates = 0xffff'ffff;

/// Conditions on what sock_diag tells; all must hold.
struct SocketFilter {
  std::uint32_t states = kAllStates;  ///< a bit each
  std::vector<std::uint16_t> ports;   ///< one of them at either end; empty = any
  std::vector<AddressMatch> local;    ///< one of them; empty = any
  std::vector<AddressMatch> peer;
};

/// Pure.
[[nodiscard]] TCPKIT_API bool matches(const SocketFilter& filter, const SocketEntry& entry) noexcept;

}  // namespace tcpkit
