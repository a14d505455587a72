#pragma once

#include <optional>

#include <tcpkit/base/api.hpp>
#include <tcpkit/proc/socket_entry.hpp>
#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/value.hpp>

namespace tcpkit {

/// The value of one option as sock_diag told it along with the socket; nothing where it did not.
using ToldOption = std::optional<Value> (*)(const SocketEntry& entry);

/// For an option that sock_diag tells, so that the socket need not be asked once more; else nullptr. Thread-safe.
[[nodiscard]] TCPKIT_API ToldOption find_told_option(const Option& option);

}  // namespace tcpkit
