#include "net/handshake.hpp"

#include <array>
#include <cerrno>
#include <chrono>

#include <poll.h>
#include <sys/socket.h>

#include <tcpkit/base/units.hpp>

#include "os/errno_code.hpp"

namespace tcpkit {
namespace {

timespec to_timespec(Nanoseconds time) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(time);
  return {static_cast<time_t>(whole.count()), static_cast<long>((time - whole).count())};
}

/// Waits until the handshake has ended either way, `until` has passed, or `stop` is readable.
std::error_code await_handshake(int socket, Clock::time_point until, int stop) {
  for (;;) {
    const Nanoseconds left = until - Clock::now();
    if (left <= Nanoseconds::zero()) return os::errno_code(ETIMEDOUT);
    const timespec timeout = to_timespec(left);
    std::array<pollfd, 2> ends = {{{socket, POLLOUT, 0}, {stop, POLLIN, 0}}};
    const int ready = ::ppoll(ends.data(), ends.size(), &timeout, nullptr);
    if (ready > 0) return ends[0].revents != 0 ? std::error_code() : os::errno_code(ECANCELED);
    if (ready < 0 && errno != EINTR) return os::errno_code(errno);
  }
}

/// The errno of the call that started the handshake. With TCP_FASTOPEN_CONNECT and a cookie connect(2) succeeds before
/// anything is sent; an empty send makes the SYN leave (net/ipv4/tcp.c, tcp_sendmsg_fastopen).
int start_handshake(int socket, const Endpoint& peer) {
  if (::connect(socket, peer.data(), peer.size()) != 0) return errno;
  const bool deferred = peer_endpoint(socket).family() == AF_UNSPEC;
  return deferred && ::send(socket, "", 0, MSG_NOSIGNAL) < 0 ? errno : 0;
}

}  // namespace

/// The first connect(2) starts the handshake, the second one tells how it ended (net/ipv4/af_inet.c). SO_ERROR would
/// too, but where a seccomp filter denies getsockopt a connection must not look refused.
std::error_code shake_hands(int socket, const Endpoint& peer, Clock::time_point until, int stop) {
  if (Clock::now() >= until) return os::errno_code(ETIMEDOUT);
  const int started = start_handshake(socket, peer);
  if (started == 0) return {};
  if (started != EINPROGRESS && started != EINTR) return os::errno_code(started);
  if (const std::error_code code = await_handshake(socket, until, stop)) return code;
  if (::connect(socket, peer.data(), peer.size()) == 0 || errno == EISCONN) return {};
  return os::errno_code(errno);
}

}  // namespace tcpkit
