#include "inspect_watch.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "console.hpp"
#include "inspect_listing.hpp"
#include "inspect_notes.hpp"
#include "inspect_progress.hpp"
#include "inspect_run.hpp"
#include "stop_signals.hpp"
#include "wake.hpp"
#include "wall_clock.hpp"

using namespace tcpkit;

namespace {

/// False once it was stopped.
bool wait_until(ProgressWatch::Clock::time_point end, const Wake& wake) {
  do {
    pollfd rung = {wake.descriptor(), POLLIN, 0};
    ::poll(&rung, 1, poll_timeout_ms(end));
    if (wake.stopped()) return false;
  } while (ProgressWatch::Clock::now() < end);
  return true;
}

/// One look after the other.
class Rounds {
 public:
  Rounds(const InspectPlan& plan, Console& console) : plan_(plan), console_(console) {}

  ExitCode look() {
    watch_.next_round();
    if (!console_.complete() && !console_.clear_screen()) console_.print_line(time_of_day());
    Listing listing(plan_, console_, &watch_);
    const auto show = [&](const InspectedSocket& socket, SysctlValues& sysctls) {
      return listing.show(socket, sysctls);
    };
    const Result<InspectTotals> totals = inspect_sockets(plan_, false, show);
    if (!totals) return console_.fail(totals.error());
    if (totals->sockets == 0) {
      if (const std::optional<Error> error = why_nothing(*totals)) return console_.fail(*error);
    }
    listing.end(*totals);
    tell_notes(plan_, *totals, console_, told_);
    told_ = notes_of(plan_, *totals);
    ended_ = have_ended(plan_, *totals);
    failing_ = failing_ || totals->failing;
    const bool none_ever = std::exchange(first_, false) && ended_;
    return none_ever ? ExitCode::CheckFailed : ExitCode::Done;
  }

  /// Nothing of what is watched can come back.
  [[nodiscard]] bool ended() const { return ended_; }
  /// There was a finding that --fail-on is about.
  [[nodiscard]] bool failing() const { return failing_; }

 private:
  const InspectPlan& plan_;
  Console& console_;
  ProgressWatch watch_;
  std::vector<InspectNote> told_;  // in the round before
  bool first_ = true;
  bool ended_ = false;
  bool failing_ = false;
};

}  // namespace

ExitCode watch_sockets(const InspectPlan& plan, Console& console) {
  console.put_on_lines();
  ignore_broken_pipes();
  Wake wake;
  const StopSignals signals(wake, 1);
  Rounds rounds(plan, console);
  auto next = ProgressWatch::Clock::now();
  do {
    if (const ExitCode code = rounds.look(); code != ExitCode::Done) return code;
    next = std::max(next + *plan.watch, ProgressWatch::Clock::now());
  } while (!rounds.ended() && console.can_print() && wait_until(next, wake));
  if (StopSignals::count() > 0) return ended_by_signal(StopSignals::last());
  return rounds.failing() ? ExitCode::CheckFailed : ExitCode::Done;
}
