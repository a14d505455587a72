#include "inspect_watch.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ctime>

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

ExitCode one_round(const InspectPlan& plan, ProgressWatch& watch, Console& console) {
  watch.next_round();
  if (!console.complete() && !console.clear_screen()) console.print_line(time_line());
  Listing listing(plan, console, &watch);
  const auto show = [&](const InspectedSocket& socket, SysctlValues& sysctls) { listing.show(socket, sysctls); };
  const Result<InspectTotals> totals = inspect_sockets(plan, false, show);
  if (!totals) return console.fail(totals.error());
  if (totals->sockets == 0) {
    if (const std::optional<Error> error = why_nothing(*totals)) return console.fail(*error);
  }
  listing.end(*totals);
  tell_notes(plan, *totals, console);
  return ExitCode::Done;
}

}  // namespace

ExitCode watch_sockets(const InspectPlan& plan, Console& console) {
  console.put_on_lines();
  ignore_broken_pipes();
  Pause pause;
  const StopSignals signals(pause, 1);
  ProgressWatch watch;
  auto next = ProgressWatch::Clock::now();
  do {
    if (const ExitCode code = one_round(plan, watch, console); code != ExitCode::Done) return code;
    next = std::max(next + *plan.watch, ProgressWatch::Clock::now());
  } while (console.can_print() && pause.wait_until(next));
  return StopSignals::count() > 0 ? ended_by_signal(StopSignals::last()) : ExitCode::Done;
}
