#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tcpkit/report/report.hpp>

#include "probe_look.hpp"
#include "probe_plan.hpp"
#include "probe_run.hpp"
#include "probe_traffic.hpp"

/// What is told of a connection that is watched, an event each, schema tcpkit.probe/1: a line for people, an object for
/// programs.

/// One look.
struct WatchSample {
  tcpkit::Nanoseconds elapsed{0};  ///< since the first one
  const Look* before = nullptr;    ///< nothing: it is the first
  Look now;
  std::optional<EchoNumbers> echo;
};

/// The first event: what was connected, as probe shows it without --watch. Has no line.
[[nodiscard]] tcpkit::Report watched_report(const ProbePlan& plan, const ProbeResult& result,
                                            tcpkit::SysctlValues& sysctls);
/// Its line.
[[nodiscard]] std::string watched_line(const ProbePlan& plan, const ProbeResult& result);

[[nodiscard]] tcpkit::Report sample_report(const ProbePlan& plan, const WatchSample& sample);

/// How it went, when it is over.
struct WatchResult {
  WatchEnding how = WatchEnding::Done;
  std::optional<tcpkit::Error> error;  ///< of a connection that was lost
  tcpkit::Nanoseconds elapsed{0};
  std::uint64_t samples = 0;
  tcpkit::Diagnosis diagnosis;  ///< over the time that was watched
};

/// The last event. Has no line: people read the end on standard error.
[[nodiscard]] tcpkit::Report ended_report(const ProbePlan& plan, const WatchResult& result);

/// "closed", "lost": how machine formats name it.
[[nodiscard]] std::string_view ending_name(WatchEnding how);
