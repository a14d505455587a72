#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "net/client_socket.hpp"
#include "net/generator.hpp"

namespace tcpkit {
namespace {

/// More handshakes at once than a server with a short backlog can take would wait for a second SYN. Those over loopback
/// are done before the server knows: it needs a moment to accept them.
constexpr std::size_t kHandshakesAtOnce = 32;
constexpr std::chrono::milliseconds kTimeToAccept{2};
constexpr std::chrono::milliseconds kOpeningTick{10};

Error which(Error error, std::size_t number, std::size_t all) {
  if (all > 1) error.doing = fmt::format("{} (connection {} of {})", error.doing, number, all);
  return error;
}

}  // namespace

/// The first one finds the address that answers; it may be looked at until the run begins.
Result<void> Generator::open(std::vector<Attempt>& attempts) {
  Result<Connection> first = connect(plan_.addresses, plan_.connect, attempts);
  if (!first) return first.error();
  Flow& flow = flows_.front();
  now_ = Clock::now();
  flow.connect_begin = now_ - first->connect_time();
  if (const auto error = opener_.adopt(flow, os::Descriptor(first->release()), now_)) return *error;
  connected(flow);
  result_.local = local_endpoint(flow.socket.get());
  result_.peer = peer_endpoint(flow.socket.get());
  opener_.use(attempts.back().address);
  return plan_.mode == LoadMode::ConnectRequestResponse ? Result<void>() : open_others();
}

Result<void> Generator::open_others() {
  std::size_t begun = 1;
  absence_ = AbsenceWatch(kOpeningTick, now_);
  while (result_.opened < flows_.size()) {
    now_ = Clock::now();
    const std::size_t most = std::min<std::size_t>(flows_.size(), result_.opened + kHandshakesAtOnce);
    while (begun < most) open(flows_[begun++]);
    calendar_.tick = now_ + (begun == result_.opened ? kTimeToAccept : kOpeningTick);
    if (result_.opened < flows_.size()) wait();
    time_out();
    if (open_failure_) return which(*open_failure_, result_.opened + 1, flows_.size());
    if (now_ >= plan_.connect.deadline) {
      return which(connect_timed_out(result_.peer, now_ - flows_.front().opened), result_.opened + 1, flows_.size());
    }
  }
  return {};
}

}  // namespace tcpkit
