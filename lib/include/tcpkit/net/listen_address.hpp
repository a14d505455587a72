#pragma once

#include <string_view>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/net/resolve.hpp>
#include <tcpkit/net/target.hpp>

namespace tcpkit {

/// Where to listen, as typed.
struct ListenAddress {
  Target target;               ///< its port may be 0: a free one; its host is "*" for every address
  bool every_address = false;  ///< "*:80": all addresses of this host
};

/// "host:port", "[v6]:port", ":port" (loopback of both families), "*:port" (every address of both families); as for
/// parse_target(), but port 0 is allowed. Fails with Errc::bad_value. Thread-safe.
[[nodiscard]] TCPKIT_API Result<ListenAddress> parse_listen_address(std::string_view text);

/// All addresses it stands for, each once: of a name every one. A family that this host has none of is left out where
/// both were meant. Errors and deadline as for resolve(target). Thread-safe.
[[nodiscard]] TCPKIT_API Result<std::vector<Endpoint>> resolve(const ListenAddress& address, Families families,
                                                               Clock::time_point deadline);

}  // namespace tcpkit
