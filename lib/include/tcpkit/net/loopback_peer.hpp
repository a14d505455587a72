#pragma once

#include <memory>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/endpoint.hpp>

namespace tcpkit {

/// An echo server (RFC 862) on a free loopback port, served by a thread of its own until this object goes; what
/// is still connected then is closed.
class TCPKIT_API LoopbackPeer {
 public:
  /// `family` is AF_INET or AF_INET6. The server listens when this returns. Fails with errno values only.
  static Result<LoopbackPeer> start(int family);
  LoopbackPeer(LoopbackPeer&&) noexcept;
  LoopbackPeer& operator=(LoopbackPeer&&) noexcept;
  ~LoopbackPeer();

  [[nodiscard]] const Endpoint& endpoint() const noexcept { return endpoint_; }

 private:
  struct Server;
  LoopbackPeer(std::unique_ptr<Server> server, const Endpoint& endpoint);
  std::unique_ptr<Server> server_;
  Endpoint endpoint_;
};

}  // namespace tcpkit
