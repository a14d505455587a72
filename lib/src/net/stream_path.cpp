#include "net/stream_path.hpp"

#include <algorithm>
#include <cerrno>

#include <sys/epoll.h>
#include <sys/socket.h>

#include "net/quickack.hpp"

namespace tcpkit {
namespace {

using Next = FlowTurn::Next;

constexpr std::size_t kReadBytes = std::size_t{1024} * 1024;
constexpr std::uint64_t kMostShare = std::uint64_t{4} * 1024 * 1024;
constexpr std::uint64_t kLeastShare = std::uint64_t{128} * 1024;
constexpr int kShareCalls = 64;
constexpr std::uint32_t kEnd = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

/// Smaller with more connections: a turn of all of them is to be short, for the loop has times to keep.
std::uint64_t share_of(std::uint32_t connections) {
  return std::clamp(kMostShare / connections, kLeastShare, kMostShare);
}

}  // namespace

StreamPath::StreamPath(const LoadPlan& plan, Tally& tally)
    : plan_(plan),
      tally_(tally),
      sends_(plan.mode == LoadMode::Bidirectional || (plan.mode == LoadMode::Stream && !plan.reversed)),
      share_(share_of(plan.connections)),
      rearm_quickack_(asks_for_quickack_always(plan.connect.settings)),
      buffer_(std::make_unique<char[]>(kReadBytes)) {}

FlowTurn StreamPath::take_turn(Flow& flow, std::uint32_t ready) {
  const FlowTurn sending = sends_ ? send(flow) : FlowTurn{};
  if (sending.next == Next::Failed) return sending;
  if ((ready & (EPOLLIN | kEnd)) == 0) return sending;
  if ((ready & kEnd) != 0) flow.ended = true;
  const FlowTurn receiving = drop(flow);
  return receiving.next == Next::Wait ? sending : receiving;
}

FlowTurn StreamPath::send(Flow& flow) {
  const std::uint64_t size = plan_.request.size();
  std::uint64_t share = share_;
  for (int call = 0; call < kShareCalls && share > 0; ++call) {
    if (allowance_ == 0) return {Next::Wait};
    const std::uint64_t at = flow.written % size;
    const std::uint64_t most = std::min(size - at, allowance_);
    const ssize_t sent = ::send(flow.socket.get(), plan_.request.data() + at, most, MSG_NOSIGNAL);
    flow.buffer_is_full = sent < 0 && errno == EAGAIN;
    if (flow.buffer_is_full) return {Next::WaitRoom};
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return {Next::Failed, LoadFailure::Reset, errno};
    const auto count = static_cast<std::uint64_t>(sent);
    flow.written += count;
    if (allowance_ != UINT64_MAX) allowance_ -= count;
    share -= std::min(share, count);
  }
  return {Next::Again};
}

FlowTurn StreamPath::drop(Flow& flow) {
  std::uint64_t share = share_;
  for (int call = 0; call < kShareCalls && share > 0; ++call) {
    const std::uint64_t most = std::min<std::uint64_t>(kReadBytes, share);
    const ssize_t got = ::recv(flow.socket.get(), buffer_.get(), most, MSG_TRUNC);
    if (got < 0 && errno == EAGAIN) return {Next::Wait};
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return {Next::Failed, LoadFailure::Reset, errno};
    if (got == 0) return {sends_ ? Next::Failed : Next::Finished, LoadFailure::Ended};
    if (rearm_quickack_) rearm_quickack(flow.socket.get());
    const auto count = static_cast<std::uint64_t>(got);
    tally_.received(count);
    flow.dropped += count;
    if (count < most && !flow.ended) return {Next::Wait};
    share -= count;
  }
  return {Next::Again};
}

}  // namespace tcpkit
