#include "probe_report.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/report/data.hpp>

#include "error_name.hpp"
#include "event_report.hpp"

namespace {

using namespace tcpkit;

std::string asked_target(const ProbePlan& plan) {
  return plan.target ? plan.target_text : "tcpkit's own echo peer on loopback";
}

Section target_section(const ProbePlan& plan, const ProbeResult& result) {
  const Endpoint& peer = result.facts.snapshot.peer;
  const std::string host = plan.target && !plan.target->host.empty() ? plan.target->host : "localhost";
  Section section{"target", "", {}};
  section.fields.push_back(hidden("host", Data{host}));
  section.fields.push_back(hidden("port", Data{std::int64_t{peer.port()}}));
  section.fields.push_back(hidden("address", Data{peer.address()}));
  section.fields.push_back(hidden("family", Data{family_name(peer.family())}));
  return section;
}

Section timing_section(const ProbeResult& result) {
  const auto& resolve = result.resolve_time;
  Section section{"timing", "Timing", {}};
  section.fields.push_back({"resolve_us", resolve ? microseconds(*resolve) : Data{}, "resolve",
                            resolve ? format_duration(*resolve) : "-", resolve ? "" : "no name to resolve",
                            Show::Always});
  section.fields.push_back({"connect_us", microseconds(result.connect_time), "connect",
                            format_duration(result.connect_time),
                            "how long connect() took: a round trip and a little more", Show::Always});
  return section;
}

Data attempt_data(const Attempt& attempt) {
  DataObject object;
  object.emplace_back("address", Data{attempt.address.text()});
  object.emplace_back("error", attempt.error ? Data{attempt.error->code.message()} : Data{});
  object.emplace_back("code", attempt.error ? Data{error_name(attempt.error->code)} : Data{});
  object.emplace_back("took_us", microseconds(attempt.took));
  return {std::move(object)};
}

Section attempts_section(const ProbeResult& result) {
  DataArray attempts;
  for (const Attempt& attempt : result.attempts) attempts.push_back(attempt_data(attempt));
  return {"", "", {hidden("attempts", Data{std::move(attempts)})}};
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
  Report report{"tcpkit.probe/1", {target_section(plan, result), std::move(connection.front())}};
  if (!plan.view.only) report.sections.push_back(timing_section(result));
  report.sections.push_back(attempts_section(result));
  if (plan.repeats) report.sections.push_back(connects_section(result));
  std::move(connection.begin() + 1, connection.end(), std::back_inserter(report.sections));
  return report;
}
