#include "probe_watch.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/report/findings.hpp>

#include "console.hpp"
#include "observe.hpp"
#include "outcomes.hpp"
#include "probe_screen.hpp"
#include "probe_traffic.hpp"
#include "probe_watch_report.hpp"
#include "redraw_signals.hpp"
#include "stop_signals.hpp"
#include "wake.hpp"

using namespace tcpkit;

namespace {

/// A connection under watch.
class ConnectionWatch {
 public:
  ConnectionWatch(const ProbePlan& plan, const OpenProbe& open, Console& console)
      : plan_(plan), open_(open), console_(console), traffic_(open.connection.socket(), plan.echo_bytes) {
    if (console.can_draw()) screen_.emplace(plan, open.result.facts, console);
  }

  WatchEnd run() {
    const WatchEnd end = look_until_it_ends();
    if (screen_) screen_->end();
    return end;
  }

  [[nodiscard]] std::uint64_t samples() const { return samples_; }
  [[nodiscard]] Nanoseconds elapsed() const { return Clock::now() - first_->at; }

  /// What was seen from the first look to the last one of a connection that was alive.
  void observe(Observation& observation) const {
    if (!alive_->info || alive_->at == first_->at) return;
    observation.info_before = first_->info;
    observation.snapshot.info = alive_->info;
    observation.interval = alive_->at - first_->at;
  }

 private:
  WatchEnd look_until_it_ends() {
    const StopSignals stops(wake_, 1);
    const RedrawSignals redraws(wake_);
    for (auto next = Clock::now();;) {
      look();
      if (plan_.looks && samples_ == *plan_.looks) return {WatchEnding::Done};
      if (!console_.can_print()) return {WatchEnding::Unread};
      if (const auto end = traffic_.send_next(now_->at)) return last_words(*end);
      next = std::max(next + *plan_.watch, Clock::now());
      if (const auto end = wait_until(next)) return last_words(*end);
    }
  }

  void look() {
    before_ = std::exchange(now_, look_at(open_.connection.socket()));
    if (!first_) first_ = now_;
    alive_ = now_;
    ++samples_;
    show();
  }

  /// What the connection was like when it ended.
  WatchEnd last_words(WatchEnd end) {
    if (end.how != WatchEnding::Closed && end.how != WatchEnding::Lost) return end;
    const std::optional<Look> alive = alive_;
    look();
    alive_ = alive;
    return end;
  }

  void show() {
    const WatchSample sample{now_->at - first_->at, before_ ? &*before_ : nullptr, *now_, traffic_.echo(now_->at)};
    if (screen_) return screen_->show(sample);
    console_.print(sample_report(plan_, sample));
  }

  /// Nothing: the time has come, and the connection goes on.
  std::optional<WatchEnd> wait_until(Clock::time_point next) {
    for (;;) {
      std::array<pollfd, 3> places{
          {{wake_.descriptor(), POLLIN, 0}, {open_.connection.socket(), traffic_.events(), 0}, {STDOUT_FILENO, 0, 0}}};
      ::poll(places.data(), places.size(), poll_timeout_ms(std::min(next, open_.deadline)));
      if (const auto end = heed(places[0].revents, places[2].revents)) return end;
      if (places[1].revents != 0) {
        if (const auto end = traffic_.move()) return end;
      }
      if (Clock::now() >= open_.deadline) return WatchEnd{WatchEnding::Deadline};
      if (Clock::now() >= next) return std::nullopt;
    }
  }

  /// Signals, and a reader of the output who has gone.
  std::optional<WatchEnd> heed(short woken, short output) {
    if (woken != 0) wake_.rearm();
    if (wake_.stopped()) return WatchEnd{WatchEnding::Interrupted};
    if ((output & (POLLERR | POLLHUP)) != 0) return WatchEnd{WatchEnding::Unread};
    if (wake_.take_redraw() && screen_) screen_->redraw();
    return std::nullopt;
  }

  const ProbePlan& plan_;
  const OpenProbe& open_;
  Console& console_;
  Wake wake_;
  WatchTraffic traffic_;
  std::optional<WatchScreen> screen_;
  std::optional<Look> first_;
  std::optional<Look> before_;
  std::optional<Look> now_;
  std::optional<Look> alive_;
  std::uint64_t samples_ = 0;
};

std::optional<Error> failure(const WatchEnd& end, const Endpoint& peer) {
  if (end.how != WatchEnding::Lost) return std::nullopt;
  return system_error(end.errno_value, "watch " + peer.text());
}

/// Why it ended, where nobody asked for it, and the exit status that says the same.
ExitCode tell_end(const ProbePlan& plan, const WatchResult& result, const Endpoint& peer, Console& console) {
  switch (result.how) {
    case WatchEnding::Closed:
      console.complain(
          fmt::format("{}: the peer closed the connection, after {}", peer.text(), format_duration(result.elapsed)));
      return ExitCode::CheckFailed;
    case WatchEnding::Lost:
      console.complain(fmt::format("{}, after {}", describe(*result.error), format_duration(result.elapsed)));
      return exit_code(*result.error);
    case WatchEnding::Differs:
      console.complain(peer.text() + ": what came is not what was sent: no echo peer");
      return ExitCode::CheckFailed;
    case WatchEnding::Deadline:
      console.warn(fmt::format("--deadline {} passed", format_duration(*plan.deadline)));
      return ExitCode::Timeout;
    case WatchEnding::Interrupted:
      return ended_by_signal(StopSignals::last());
    case WatchEnding::Done:
    case WatchEnding::Unread:
      break;
  }
  return ExitCode::Done;
}

/// Notes are true of most connections: they are for those who ask for them, and for programs.
void tell_findings(const ProbePlan& plan, const Diagnosis& diagnosis, Console& console) {
  const Severity least = std::min(plan.diagnosis.fail_on.value_or(Severity::Warning), Severity::Warning);
  for (const Finding& finding : diagnosis.findings) {
    if (finding.severity >= least) console.print_line(finding_line(finding), finding.remedy);
  }
}

Observation observe_now(const ProbePlan& plan, const ProbeResult& result) {
  Observation observation = observe_own(result.facts, plan.diagnosis.expected);
  surround(observation, read_surroundings(result.facts.snapshot.peer));
  return observation;
}

ExitCode run(const ProbePlan& plan, OpenProbe& open, SysctlValues& sysctls, Console& console) {
  ProbeResult& begin = open.result;
  const Endpoint& peer = begin.facts.snapshot.peer;
  if (console.complete()) {
    begin.facts.diagnosis = diagnose(observe_now(plan, begin), sysctls, plan.diagnosis.ignored);
    console.print(watched_report(plan, begin, sysctls));
  } else if (!console.can_draw()) {
    console.print_line(watched_line(plan, begin));
  }
  const std::optional<NetCounters> counters = net_counters_now();
  ConnectionWatch watch(plan, open, console);
  const WatchEnd end = watch.run();

  WatchResult result{end.how, failure(end, peer), watch.elapsed(), watch.samples(), {}};
  const ExitCode code = tell_end(plan, result, peer, console);
  Observation observation = observe_now(plan, begin);
  watch.observe(observation);
  observation.counters_before = counters;
  observation.counters = net_counters_now();
  result.diagnosis = diagnose(observation, sysctls, plan.diagnosis.ignored);
  tell_findings(plan, result.diagnosis, console);
  console.print(ended_report(plan, result));
  return code == ExitCode::Done && fails(plan.diagnosis, result.diagnosis) ? ExitCode::CheckFailed : code;
}

}  // namespace

ExitCode watch_connection(const ProbePlan& plan, ProbeEvents& events, Console& console) {
  console.put_on_lines();
  ignore_broken_pipes();
  SysctlValues sysctls;
  Result<OpenProbe> open = open_probe(plan, sysctls, events);
  if (!open) return console.fail(open.error());
  const bool changed = tell_outcomes(open->result.facts.outcomes, console);
  const ExitCode code = run(plan, *open, sysctls, console);
  return code == ExitCode::Done && changed && plan.strict ? ExitCode::CheckFailed : code;
}
