#include "probe_report.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

#include "target_report.hpp"

namespace {

using namespace tcpkit;

std::string asked_target(const ProbePlan& plan) {
  return plan.target ? plan.target_text : "tcpkit's own echo peer on loopback";
}

Field sample(std::string_view key, std::string_view label, std::int64_t us, Show show = Show::Always) {
  return {std::string(key), Data{us}, std::string(label), format_duration(std::chrono::microseconds(us)), "", show};
}

Section connects_section(const ProbeResult& result) {
  const Samples& samples = result.connect_us;
  const auto made = static_cast<std::int64_t>(samples.size());
  const auto tried = static_cast<std::int64_t>(result.tried);
  Section section{"connects", "Connects", {}};
  section.fields.push_back({"tried", Data{tried}, "tried", fmt::to_string(tried), "", Show::Always});
  section.fields.push_back({"failed", Data{tried - made}, "failed", fmt::to_string(tried - made),
                            result.last_failure ? describe(*result.last_failure) : "", Show::Always});
  section.fields.push_back(sample("min_us", "fastest", samples.min()));
  section.fields.push_back(sample("mean_us", "mean", samples.mean()));
  section.fields.push_back(sample("p50_us", "50 %", samples.percentile(50)));
  // A percentile of fewer samples than it divides into is the slowest one under another name.
  section.fields.push_back(sample("p90_us", "90 %", samples.percentile(90), made >= 10 ? Show::Always : Show::All));
  section.fields.push_back(sample("p99_us", "99 %", samples.percentile(99), made >= 100 ? Show::Always : Show::All));
  section.fields.push_back(sample("max_us", "slowest", samples.max()));
  return section;
}

}  // namespace

Report probe_report(const ProbePlan& plan, const ProbeResult& result, SysctlValues& sysctls) {
  std::vector<Section> connection = describe_connection(result.facts, sysctls, plan.view);
  connection.front().title = "Connection to " + asked_target(plan);
  Report report{
      "tcpkit.probe/1",
      {target_section(plan.target.value_or(Target{}), result.facts.snapshot.peer), std::move(connection.front())}};
  report.sections.push_back(
      {.fields = {{.key = "own_peer", .data = Data{!plan.target.has_value()}, .show = Show::Never}}});
  if (!plan.view.only) report.sections.push_back(timing_section(result.resolve_time, result.connect_time));
  report.sections.push_back(attempts_section(result.attempts));
  if (plan.repeats) report.sections.push_back(connects_section(result));
  std::move(connection.begin() + 1, connection.end(), std::back_inserter(report.sections));
  return report;
}
