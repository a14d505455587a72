#include "send_measure.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

#include "connect_words.hpp"
#include "connector.hpp"
#include "console.hpp"
#include "descriptor_limits.hpp"
#include "observe.hpp"
#include "outcomes.hpp"
#include "send_interval.hpp"
#include "send_report.hpp"
#include "send_request.hpp"
#include "stop_signals.hpp"

namespace {

using namespace tcpkit;

/// Tells what happens while it happens.
class Watcher final : public LoadEvents {
 public:
  Watcher(const SendPlan& plan, Load& load, Console& console) : plan_(plan), load_(load), console_(console) {}

  /// What nobody can read is not worth the load.
  void interval(const LoadNumbers& numbers) override {
    const bool one_object = console_.complete() && !console_.one_a_line();
    if (one_object) return intervals_.push_back(interval_data(plan_, numbers));
    console_.print(interval_report(plan_, numbers));
    if (!console_.can_print()) load_.stop();
  }

  void ticked(std::uint64_t done, std::uint64_t failed, std::uint64_t bytes, Nanoseconds elapsed) override {
    const Tick now{done, failed, bytes, elapsed};
    console_.progress(progress_line(plan_.load, last_, now));
    last_ = elapsed.count() < 0 ? Tick{} : now;
  }

  [[nodiscard]] DataArray take_intervals() { return std::move(intervals_); }

 private:
  const SendPlan& plan_;
  Load& load_;
  Console& console_;
  Tick last_;
  DataArray intervals_;
};

Result<void> make_room(const SendPlan& plan) {
  const Result<DescriptorRoom> room = descriptor_room(0, 1);
  if (!room) return room.error();
  const Result<std::uint64_t> soft = descriptors_for(plan.load.connections, *room);
  return soft ? raise_descriptor_limit(*soft) : Result<void>(soft.error());
}

Result<Load> open_load(SendPlan& plan, Connector& connector, std::vector<Attempt>& attempts) {
  const auto open = [&](std::span<const Endpoint> addresses, const ConnectPlan& connect, std::vector<Attempt>& tried) {
    plan.load.addresses.assign(addresses.begin(), addresses.end());
    plan.load.connect = connect;
    return Load::open(plan.load, tried);
  };
  return connector.open_waiting(open, attempts);
}

ExitCode verdict(const SendPlan& plan, const Measurement& measured, bool changed) {
  const LoadResult& load = measured.load;
  if (load.stopped && StopSignals::last() != 0) return ended_by_signal(StopSignals::last());
  if (load.deadline_passed) return ExitCode::Timeout;
  for (const std::uint64_t count : load.numbers.failures) {
    if (count > 0) return ExitCode::CheckFailed;
  }
  const bool failed = fails(plan.diagnosis, measured.facts.diagnosis);
  return failed || (changed && plan.strict) ? ExitCode::CheckFailed : ExitCode::Done;
}

/// What a finding says better than a note.
void drop_told_twice(Measurement& measured) {
  const auto is_stall = [](const Finding& finding) { return finding.rule->name == "nagle-delack"; };
  if (std::ranges::none_of(measured.facts.diagnosis.findings, is_stall)) return;
  std::erase_if(measured.notes, [](const Note& note) { return note.id == "delayed-ack"; });
}

ExitCode run(const SendPlan& plan, Load& load, Measurement& measured, SysctlValues& sysctls, Console& console) {
  Result<ConnectionFacts> facts = gather_facts(load.socket(), plan.load.connect.settings, sysctls);
  if (!facts) return console.fail(facts.error());
  measured.facts = std::move(*facts);
  const bool changed = tell_outcomes(measured.facts.outcomes, console);

  Watcher watcher(plan, load, console);
  const StopSignals signals(load, 1);
  const std::optional<NetCounters> counters_before = net_counters_now();
  Result<LoadResult> result = load.run(watcher);
  if (!result) return console.fail(result.error());
  measured.load = std::move(*result);
  measured.intervals = watcher.take_intervals();
  measured.one_a_line = console.one_a_line();
  measured.notes = find_notes(plan.load, measured.load, connect_time(measured.attempts));
  Observation observation = observe_measured(plan, measured);
  observation.counters_before = counters_before;
  Surroundings surroundings = read_surroundings(measured.load.peer);
  observation.counters = std::exchange(surroundings.counters, std::nullopt);
  surround(observation, std::move(surroundings));
  measured.facts.diagnosis = diagnose(observation, sysctls, plan.diagnosis.ignored);
  drop_told_twice(measured);
  console.print(measurement_report(plan, measured, sysctls, console.complete() || console.all()));
  return verdict(plan, measured, changed);
}

}  // namespace

ExitCode measure(const SendPlan& asked, Console& console) {
  SendPlan plan = asked;
  plan.connect.deadline = after(plan.deadline);
  plan.load.deadline = plan.connect.deadline;
  Result<std::string> request = make_request(plan, plan.connect.deadline);
  if (!request) return console.fail(request.error());
  plan.load.request = std::move(*request);
  if (auto room = make_room(plan); !room) return console.fail(room.error());

  const auto resolved = [&](const std::string& host, std::span<const Endpoint> addresses) {
    tell_addresses(host, addresses, console);
  };
  SysctlValues sysctls;
  Measurement measured;
  Connector connector({plan.target, plan.families, plan.connect, plan.wait}, resolved);
  Result<Load> load = open_load(plan, connector, measured.attempts);
  tell_attempts(measured.attempts, load.has_value(), console);
  if (!load) return console.fail(load.error());
  measured.resolve_time = connector.resolve_time();
  return run(plan, *load, measured, sysctls, console);
}
