#include "net/flow_opener.hpp"

#include <cerrno>
#include <utility>

#include <sys/epoll.h>
#include <sys/socket.h>

#include "net/client_socket.hpp"

namespace tcpkit {
namespace {

constexpr std::uint32_t kInput = EPOLLIN | EPOLLRDHUP | EPOLLET;

/// How a handshake stands: 0 when it is done, EALREADY while it goes on (net/ipv4/af_inet.c).
int handshake_state(int socket, const Endpoint& peer) {
  return ::connect(socket, peer.data(), peer.size()) == 0 || errno == EISCONN ? 0 : errno;
}

}  // namespace

std::optional<Error> FlowOpener::add(Flow& flow, std::uint32_t events) const {
  flow.watched = true;
  flow.watches_room = (events & EPOLLOUT) != 0;
  if (poll_set_.add(flow.socket.get(), events, flow)) return std::nullopt;
  return system_error(errno, "watch a connection");
}

std::optional<Error> FlowOpener::watch(Flow& flow) const {
  return add(flow, kInput);
}

std::optional<Error> FlowOpener::watch_room(Flow& flow) const {
  if (std::exchange(flow.watches_room, true)) return std::nullopt;
  if (poll_set_.change(flow.socket.get(), kInput | EPOLLOUT, flow)) return std::nullopt;
  return system_error(errno, "watch a connection");
}

std::optional<Error> FlowOpener::adopt(Flow& flow, os::Descriptor socket, Clock::time_point now) const {
  flow.socket = std::move(socket);
  flow.opened = now;
  flow.stage = Flow::Stage::Free;
  return watch(flow);
}

/// Asked again at once, the kernel of a loopback connection says that the handshake is over: that saves a turn of the
/// loop for each connection.
std::optional<Error> FlowOpener::start(Flow& flow, Clock::time_point now) const {
  bool setting_refused = false;
  Result<os::Descriptor> socket = client_socket(address_, plan_.connect, setting_refused);
  if (!socket) return socket.error();
  flow.socket = std::move(*socket);
  flow.connect_begin = now;
  flow.answered = false;
  int state = handshake_state(flow.socket.get(), address_);
  if (state == EINPROGRESS || state == EINTR) state = handshake_state(flow.socket.get(), address_);
  if (state == 0) return connected(flow, Clock::now());
  if (state != EALREADY) return connect_error(state, address_);
  flow.stage = Flow::Stage::Connecting;
  flow.patient_from = now;
  return add(flow, kInput | EPOLLOUT);
}

std::optional<Error> FlowOpener::finish(Flow& flow, Clock::time_point now) const {
  const int state = handshake_state(flow.socket.get(), address_);
  if (state == EALREADY) return std::nullopt;
  return state == 0 ? connected(flow, now) : connect_error(state, address_);
}

std::optional<Error> FlowOpener::connected(Flow& flow, Clock::time_point now) const {
  if (refuses_itself(flow.socket.get(), address_)) return connect_error(ECONNREFUSED, address_);
  if (auto set = apply(flow.socket.get(), plan_.connect.settings, Moment::Connected); !set) return set.error();
  flow.opened = now;
  flow.stage = Flow::Stage::Free;
  return std::nullopt;
}

/// close(2) ends the watch too, unless another process holds a copy of the descriptor. A connection that lives for one
/// request is not worth a call of its own.
void FlowOpener::close(Flow& flow) const noexcept {
  if (flow.watched && plan_.mode != LoadMode::ConnectRequestResponse) poll_set_.remove(flow.socket.get());
  flow.socket = os::Descriptor();
  flow.watched = false;
  flow.stage = Flow::Stage::Closed;
}

}  // namespace tcpkit
