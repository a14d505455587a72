#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/endpoint.hpp>
#include <tcpkit/sock/reading.hpp>
#include <tcpkit/sock/tcp_info.hpp>

namespace tcpkit {

/// One moment of one socket: a plain value.
struct Snapshot {
  Endpoint local;
  Endpoint peer;                       ///< no address when not connected
  std::vector<OptionReading> options;  ///< one per catalogue row, in table order
  std::optional<TcpInfo> info;
  std::string info_reason;  ///< why there is no info
};

/// Reads every row of the catalogue and TCP_INFO. One unreadable option does not lose the others.
/// Does not change the socket. Thread-safe for distinct sockets.
[[nodiscard]] TCPKIT_API Snapshot take_snapshot(int socket);

/// A snapshot of a connected socket nobody touched, of this family (AF_INET or AF_INET6), made now over
/// loopback: the defaults of this host. Leaves nothing behind, not even TIME_WAIT. Thread-safe.
[[nodiscard]] TCPKIT_API Result<Snapshot> default_snapshot(int family);

/// The same of a listening socket. Where this network namespace has no loopback address it does not listen.
[[nodiscard]] TCPKIT_API Result<Snapshot> default_listener_snapshot(int family);

/// The reading of a row; "not read" where the snapshot is a part of one that does not have it. A symbol unknown to the
/// catalogue is a bug and asserts.
[[nodiscard]] TCPKIT_API const OptionReading& reading(const Snapshot& snapshot, std::string_view symbol);
/// The same by row.
[[nodiscard]] TCPKIT_API const OptionReading& reading(const Snapshot& snapshot, const Option& option);

/// The number of a reading (a switch counts as 0 or 1), or nothing.
[[nodiscard]] TCPKIT_API std::optional<std::int64_t> number_in(const OptionReading& reading);
/// The same of reading().
[[nodiscard]] TCPKIT_API std::optional<std::int64_t> number(const Snapshot& snapshot, std::string_view symbol);

}  // namespace tcpkit
