#pragma once

#include <optional>
#include <string>

#include <tcpkit/base/api.hpp>
#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/value.hpp>

namespace tcpkit {

/// What reading one option of one socket gave: a value, or the reason why there is none.
/// Reasons: "write-only", "consuming read", "not read: a secret", "not applicable", "not offered on multipath sockets",
/// "not known to this kernel", "not connected", "unreadable: <the kernel's error>".
struct OptionReading {
  const Option* option = nullptr;
  std::optional<Value> value;
  std::string reason;  ///< empty when there is a value
};

/// Reads one option. Rows whose read consumes something are never asked of the kernel.
/// Does not change the socket. Thread-safe for distinct sockets.
[[nodiscard]] TCPKIT_API OptionReading read_option(int socket, const Option& option);

}  // namespace tcpkit
