#include "diag/keepalive_plan.hpp"

#include <algorithm>

namespace tcpkit {
namespace {

using std::chrono::seconds;

constexpr seconds kLeastKeepalive{2};      // one second of silence, one for a probe
constexpr seconds kMostKeepidle{32767};    // MAX_TCP_KEEPIDLE, include/net/tcp.h
constexpr seconds kRoomForThreeProbes{4};  // below it there is time for one
constexpr int kProbes = 3;                 // a path that loses one in ten ends one idle connection in a thousand

}  // namespace

std::optional<seconds> keepidle_below(seconds idle_limit) {
  if (idle_limit < kLeastKeepalive) return std::nullopt;
  return std::min(idle_limit / 2, kMostKeepidle);
}

std::optional<KeepaliveTimers> keepalive_within(Milliseconds limit) {
  const auto whole = std::chrono::floor<seconds>(limit);
  if (whole < kLeastKeepalive) return std::nullopt;
  KeepaliveTimers timers;
  timers.on = true;
  timers.probes = whole < kRoomForThreeProbes ? 1 : kProbes;
  timers.interval = std::clamp(whole / 6, seconds(1), kMostKeepidle / kProbes);
  timers.idle = std::min(whole - timers.interval * timers.probes, kMostKeepidle);
  return timers;
}

Milliseconds keepalive_time(KeepaliveTimers timers) {
  timers.on = true;
  timers.user_timeout.reset();
  return dead_peer_idle(timers).value_or(Milliseconds(0));
}

}  // namespace tcpkit
