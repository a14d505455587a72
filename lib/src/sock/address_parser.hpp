#pragma once

#include <cstdint>
#include <string_view>

#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/endpoint.hpp>

/// Parts of addresses as users type them. All fail with Errc::bad_value. Texts must have no zero byte: the system's
/// functions would see only the part before it.
namespace tcpkit {

/// Four decimal numbers, with port 0.
Result<Endpoint> parse_ipv4(std::string_view text);

/// Without brackets, "fe80::1%eth0" with its zone, with port 0. Only a zone asks the system, for its interfaces.
Result<Endpoint> parse_ipv6(std::string_view text);

/// A number or the name of a TCP service. `whole` is what error lines quote.
Result<std::uint16_t> parse_port(std::string_view whole, std::string_view text, std::uint16_t least);

}  // namespace tcpkit
