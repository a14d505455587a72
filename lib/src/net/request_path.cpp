#include "net/request_path.hpp"

#include <cerrno>

#include <sys/epoll.h>
#include <sys/socket.h>

#include "net/quickack.hpp"

namespace tcpkit {
namespace {

using Next = FlowTurn::Next;

constexpr std::size_t kReadBytes = std::size_t{256} * 1024;
constexpr int kShareCalls = 4;  // then it is another flow's turn, and the clock's, whatever a server sends
constexpr std::uint32_t kEnd = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

FlowTurn failed(LoadFailure failure, int errno_value = 0) {
  return {Next::Failed, failure, errno_value};
}

}  // namespace

RequestPath::RequestPath(const LoadPlan& plan, Tally& tally)
    : plan_(plan),
      tally_(tally),
      rearm_quickack_(asks_for_quickack_always(plan.connect.settings)),
      second_write_(plan.mode == LoadMode::WriteWriteRead ? plan.request.size() / 2 : plan.request.size()),
      buffer_(std::make_unique<char[]>(kReadBytes)) {}

/// A request in two writes: what is left beyond the second one is the first.
std::size_t RequestPath::next_write(const Flow& flow) const noexcept {
  return flow.unsent > second_write_ ? flow.unsent - second_write_ : flow.unsent;
}

/// EPIPE: the server had ended its side before it reset the connection (net/ipv4/tcp_input.c, tcp_reset).
FlowTurn RequestPath::send(Flow& flow) {
  for (int call = 0; flow.unsent > 0; ++call) {
    if (call == kShareCalls) return {Next::Again};
    const char* rest = plan_.request.data() + plan_.request.size() - flow.unsent;
    const ssize_t sent = ::send(flow.socket.get(), rest, next_write(flow), MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return {Next::WaitRoom};
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return failed(errno == EPIPE ? LoadFailure::Ended : LoadFailure::Reset, errno);
    flow.unsent -= static_cast<std::uint64_t>(sent);
    if (flow.measured) tally_.sent(static_cast<std::uint64_t>(sent));
  }
  return {Next::Wait};
}

/// A peer that has reset the connection may have answered before: what it sent is read first, and tells the end.
FlowTurn RequestPath::take_turn(Flow& flow, std::uint32_t ready) {
  FlowTurn sending{Next::Wait};
  if (flow.unsent > 0) sending = send(flow);
  if ((ready & (EPOLLIN | kEnd)) == 0) return sending;
  if ((ready & kEnd) != 0) flow.ended = true;
  const FlowTurn receiving = receive(flow);
  return receiving.next == Next::Wait ? sending : receiving;
}

/// A short read means drained, unless the connection's end was reported with its last bytes: that is reported once.
FlowTurn RequestPath::receive(Flow& flow) {
  for (int call = 0; call < kShareCalls; ++call) {
    const ssize_t got = ::recv(flow.socket.get(), buffer_.get(), kReadBytes, 0);
    if (got < 0 && errno == EAGAIN) return {Next::Wait};
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(LoadFailure::Reset, errno);
    if (got == 0) return failed(LoadFailure::Ended);
    if (rearm_quickack_) rearm_quickack(flow.socket.get());
    const auto size = static_cast<std::size_t>(got);
    if (flow.measured || !flow.has_request) tally_.received(size);
    const FlowTurn turn = judge(flow, {buffer_.get(), size});
    if (turn.next != Next::Wait || (size < kReadBytes && !flow.ended)) return turn;
  }
  return {Next::Again};
}

FlowTurn RequestPath::judge(Flow& flow, std::string_view bytes) {
  if (!flow.has_request) return failed(LoadFailure::Longer);
  if (flow.matcher.received() > 0) flow.in_pieces = true;
  const ReplyMatcher::Step step = flow.matcher.take(bytes);
  if (step.state == ReplyMatcher::State::Wrong) return failed(LoadFailure::Wrong);
  if (step.used < bytes.size()) return failed(LoadFailure::Longer);
  return {step.state == ReplyMatcher::State::Complete ? Next::Complete : Next::Wait};
}

}  // namespace tcpkit
