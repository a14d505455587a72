#pragma once

#include <algorithm>
#include <chrono>
#include <utility>

#include <tcpkit/net/load.hpp>
#include <tcpkit/net/resolve.hpp>

#include "net/processor_time.hpp"

namespace tcpkit {

/// Notices that this process did not run: a loop that looks in at least every `rhythm` came too late, and not for work.
class AbsenceWatch {
 public:
  using ProcessorTime = Nanoseconds (*)();

  AbsenceWatch(Nanoseconds rhythm, Clock::time_point now, ProcessorTime processor_time = tcpkit::processor_time)
      : rhythm_(rhythm), processor_time_(processor_time), seen_(now), asked_(now), used_(processor_time()) {}

  /// How long the process was away since the last look; 0 for delays that any busy host has. Asking for the processor
  /// time takes a system call: what was used up to one rhythm before the last look counts as used since.
  Nanoseconds look(Clock::time_point now) {
    constexpr Nanoseconds kUsualDelay = std::chrono::milliseconds(20);
    const Nanoseconds late = now - std::exchange(seen_, now) - rhythm_;
    if (now - asked_ < rhythm_) return Nanoseconds(0);
    asked_ = now;
    const Nanoseconds used = processor_time_();
    const Nanoseconds away = late - (used - std::exchange(used_, used));
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
  ProcessorTime processor_time_;
  Clock::time_point seen_;
  Clock::time_point asked_;  // for the processor time
  Nanoseconds used_;
  Absences absences_;
};

}  // namespace tcpkit
