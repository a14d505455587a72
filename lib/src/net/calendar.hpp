#pragma once

#include <algorithm>

#include <tcpkit/net/load.hpp>
#include <tcpkit/net/resolve.hpp>

namespace tcpkit {

/// The moments at which a load changes what it does.
struct Calendar {
  static constexpr auto kNever = Clock::time_point::max();

  Clock::time_point measuring = kNever;  ///< the warm-up ends
  Clock::time_point end = kNever;        ///< the last request begins before it
  Clock::time_point give_up = kNever;    ///< what a schedule has left then is never sent
  Clock::time_point interval = kNever;
  Clock::time_point deadline = kNever;
  Clock::time_point tick = kNever;
  Clock::time_point progress = kNever;

  /// The next one that is to be kept to the microsecond.
  [[nodiscard]] Clock::time_point next_exact() const { return std::min({measuring, end, give_up, interval, deadline}); }
  [[nodiscard]] Clock::time_point next() const { return std::min({next_exact(), tick, progress}); }
};

/// A time after another, or never.
[[nodiscard]] inline Clock::time_point later(Clock::time_point from, Nanoseconds by) {
  return by < Calendar::kNever - from ? from + by : Calendar::kNever;
}

}  // namespace tcpkit
