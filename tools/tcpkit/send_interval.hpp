#pragma once

#include <cstdint>
#include <string>

#include <tcpkit/report/report.hpp>

#include "send_plan.hpp"

/// What is told of a measurement while it goes on.

/// One stretch of time of --report-interval, as an event: an object, and for people a line.
[[nodiscard]] tcpkit::Report interval_report(const SendPlan& plan, const tcpkit::LoadNumbers& numbers);
/// The same for the array of intervals in the one object of a run.
[[nodiscard]] tcpkit::Data interval_data(const SendPlan& plan, const tcpkit::LoadNumbers& numbers);

/// What was done until `elapsed`, which is negative during the warm-up.
struct Tick {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::uint64_t bytes = 0;
  tcpkit::Nanoseconds elapsed{0};
};

/// "12345 requests, 2345/s, 0 failed, 7 s left": how far it is, and how fast since the tick before.
[[nodiscard]] std::string progress_line(const tcpkit::LoadPlan& load, const Tick& before, const Tick& now);
