#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/base/units.hpp>
#include <tcpkit/net/resolve.hpp>
#include <tcpkit/sock/settings.hpp>

namespace tcpkit {

/// How to connect. A plain value.
struct ConnectPlan {
  std::vector<Setting> settings;
  std::optional<Endpoint> source;      ///< bind(2) here first
  Nanoseconds timeout{5'000'000'000};  ///< for one address
  Clock::time_point deadline = Clock::time_point::max();
  int stop = -1;  ///< a descriptor: readable, it ends a handshake under way with ECANCELED
};

/// One address tried.
struct Attempt {
  Endpoint address;
  std::optional<Error> error;  ///< nothing when it worked
  Nanoseconds took{0};         ///< from connect(2) to its end
};

/// A connected socket that does not block (O_NONBLOCK), closed with this object. Movable.
class TCPKIT_API Connection {
 public:
  Connection(int socket, Nanoseconds connect_time) noexcept : socket_(socket), connect_time_(connect_time) {}
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;
  ~Connection();

  [[nodiscard]] int socket() const noexcept { return socket_; }
  [[nodiscard]] Nanoseconds connect_time() const noexcept { return connect_time_; }
  /// Leaves the socket to the caller, to be closed by it.
  [[nodiscard]] int release() noexcept { return std::exchange(socket_, -1); }

 private:
  int socket_;
  Nanoseconds connect_time_;
};

/// Tries the addresses one after the other until one answers; every try is added to `attempts`. A setting the kernel
/// refuses ends it at once, and so do `stop` and the deadline, which holds for an address not yet tried as well. From a
/// source only the addresses of its family are tried. Fails with the last address's error; ETIMEDOUT when a timeout or
/// the deadline passed. Blocks the calling thread meanwhile, and starts no other. Thread-safe.
[[nodiscard]] TCPKIT_API Result<Connection> connect(std::span<const Endpoint> addresses, const ConnectPlan& plan,
                                                    std::vector<Attempt>& attempts);

}  // namespace tcpkit
