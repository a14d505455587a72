#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include <tcpkit/net/load.hpp>
#include <tcpkit/net/resolve.hpp>

namespace tcpkit {

/// Notices that this process did not run: a loop that looks in at least every `rhythm` came too late.
class AbsenceWatch {
 public:
  AbsenceWatch(Nanoseconds rhythm, Clock::time_point now) : rhythm_(rhythm), seen_(now) {}

  /// How long the process was away since the last look; 0 for delays that any busy host has.
  Nanoseconds look(Clock::time_point now) {
    constexpr Nanoseconds kUsualDelay = std::chrono::milliseconds(20);
    const Nanoseconds away = now - std::exchange(seen_, now) - rhythm_;
    if (away < kUsualDelay) return Nanoseconds(0);
    ++absences_.count;
    absences_.total += away;
    absences_.longest = std::max(absences_.longest, away);
    return away;
  }

  [[nodiscard]] const Absences& absences() const noexcept { return absences_; }
  void forget() noexcept { absences_ = {}; }

 private:
  Nanoseconds rhythm_;
  Clock::time_point seen_;
  Absences absences_;
};

}  // namespace tcpkit
