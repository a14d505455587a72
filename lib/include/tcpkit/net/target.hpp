#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/endpoint.hpp>

namespace tcpkit {

/// Where to connect, as typed: a name or a numeric address, and a port.
struct Target {
  std::string host;  ///< "example.org", "10.0.0.1", "fe80::1%eth0"; empty for ":80"
  std::uint16_t port = 0;
  std::optional<Endpoint> numeric;  ///< set when the host is a numeric address: nothing is to be resolved
};

/// "host:port", "[v6]:port", "[fe80::1%eth0]:port", ":port" (this host's loopback); the port is a number from 1 to
/// 65535 or a service name. Only a service name asks the system's service database, only a scope its interfaces. Fails
/// with Errc::bad_value. Thread-safe.
[[nodiscard]] TCPKIT_API Result<Target> parse_target(std::string_view text);

/// "ADDR" or "ADDR:PORT" of this host to connect from; numeric only, port 0 (chosen by the kernel) when absent.
/// Fails with Errc::bad_value. Thread-safe.
[[nodiscard]] TCPKIT_API Result<Endpoint> parse_source(std::string_view text);

}  // namespace tcpkit
