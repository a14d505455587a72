#include "inspect_watch.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>
#include <vector>

#include <fmt/chrono.h>

#include "console.hpp"
#include "inspect_listing.hpp"
#include "inspect_notes.hpp"
#include "inspect_progress.hpp"
#include "inspect_run.hpp"
#include "stop_signals.hpp"

using namespace tcpkit;

namespace {

/// Waits, unless it is stopped. stop() is async-signal-safe.
class Pause {
 public:
  Pause() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;
  ~Pause() { ::close(descriptor_); }

  void stop() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof(one));
  }

  /// False once it was stopped.
  bool wait_until(ProgressWatch::Clock::time_point end) {
    using Milliseconds = std::chrono::milliseconds;
    for (;;) {
      const auto left = std::chrono::ceil<Milliseconds>(end - ProgressWatch::Clock::now());
      pollfd waiting = {descriptor_, POLLIN, 0};
      const auto most = std::min<Milliseconds::rep>(std::max<Milliseconds::rep>(left.count(), 0), 1'000'000);
      if (::poll(&waiting, 1, static_cast<int>(most)) > 0) return false;
      if (ProgressWatch::Clock::now() >= end) return true;
    }
  }

 private:
  int descriptor_;
};

std::string time_line() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  ::localtime_r(&now, &local);
  return fmt::format("{:%H:%M:%S}", local);
}

/// One look after the other.
class Rounds {
 public:
  Rounds(const InspectPlan& plan, Console& console) : plan_(plan), console_(console) {}

  ExitCode look() {
    watch_.next_round();
    if (!console_.complete() && !console_.clear_screen()) console_.print_line(time_line());
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
  Pause pause;
  const StopSignals signals(pause, 1);
  Rounds rounds(plan, console);
  auto next = ProgressWatch::Clock::now();
  do {
    if (const ExitCode code = rounds.look(); code != ExitCode::Done) return code;
    next = std::max(next + *plan.watch, ProgressWatch::Clock::now());
  } while (!rounds.ended() && console.can_print() && pause.wait_until(next));
  if (StopSignals::count() > 0) return ended_by_signal(StopSignals::last());
  return rounds.failing() ? ExitCode::CheckFailed : ExitCode::Done;
}
