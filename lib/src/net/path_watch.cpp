#include "net/path_watch.hpp"

#include <algorithm>
#include <utility>

namespace tcpkit {
namespace {

constexpr std::size_t kMostAsked = 256;

}  // namespace

/// In the order of the connections' numbers, as path_between() wants them. A mode with a connection for each request
/// has none that lives long enough to tell.
PathWatch::Mark PathWatch::mark(const std::deque<Flow>& flows) const {
  Mark mark{{}, looks_};
  if (mode_ == LoadMode::ConnectRequestResponse) return mark;
  for (const Flow& flow : flows) {
    if (mark.sample.connections.size() == kMostAsked) break;
    if (!flow.socket || flow.stage == Flow::Stage::Connecting) continue;
    if (auto info = TcpInfo::read(flow.socket.get()))
      mark.sample.connections.push_back({flow.number, std::move(*info)});
  }
  std::ranges::sort(mark.sample.connections, {}, &PathSample::Asked::number);
  return mark;
}

void PathWatch::begin(const std::deque<Flow>& flows) {
  looks_ = {};
  begin_ = mark(flows);
  last_ = begin_;
}

void PathWatch::look(const Flow& flow) {
  const bool sends = mode_ == LoadMode::Stream || mode_ == LoadMode::Bidirectional;
  if (!sends || !flow.socket) return;
  const auto info = TcpInfo::read(flow.socket.get());
  if (!info) return;
  ++looks_.looks;
  if (window_is_full(*info)) {
    ++looks_.full;
  } else if (flow.buffer_is_full && info->get("notsent_bytes") == 0U) {
    ++looks_.buffer_full;
  }
}

PathNumbers PathWatch::between(const Mark& from, const Mark& to) const {
  const WindowLooks looks{to.looks.looks - from.looks.looks, to.looks.full - from.looks.full,
                          to.looks.buffer_full - from.looks.buffer_full};
  return path_between(from.sample, to.sample, has_requests(mode_), looks);
}

PathNumbers PathWatch::end_interval(const std::deque<Flow>& flows) {
  const Mark from = std::exchange(last_, mark(flows));
  return between(from, last_);
}

PathNumbers PathWatch::total() const {
  return between(begin_, last_);
}

}  // namespace tcpkit
