#include "send_latency_report.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/report/data.hpp>

#include "event_report.hpp"
#include "latency_chart.hpp"
#include "send_numbers.hpp"

using namespace tcpkit;

namespace {

constexpr std::int64_t kNanosecond = 1;
constexpr std::int64_t kMicrosecond = 1000;

Data reason_data(const Histogram& times, std::string_view why_empty) {
  return times.empty() ? text_or_null(why_empty) : Data{};
}

Field row_field(const TimeRow& row, std::string text, std::uint64_t samples) {
  Field field;
  field.label = row.label;
  field.text = std::move(text);
  field.show = samples >= row.samples ? Show::Always : Show::All;
  return field;
}

std::string column(std::string_view text) {
  return fmt::format("{:>9}", text);
}

/// How much later than it could the client began, by itself.
Field own_delay_field(const LoadNumbers& numbers) {
  const Histogram& delay = numbers.own_delay;
  return {.label = "client",
          .text = column(format_duration(delay.percentile(50))) + "  " + column(format_duration(delay.percentile(99))),
          .remark = "p50 and p99 of its own delay before it sent: part of scheduled"};
}

/// One row a percentile; with a schedule a second column for the time from the scheduled begin.
Section table(const SendPlan& plan, const LoadNumbers& numbers) {
  Section section{"", "Latency", {}};
  if (numbers.latency.empty()) return section;
  const bool scheduled = plan.load.rate > 0 && !numbers.latency_intended.empty();
  if (scheduled) {
    section.fields.push_back({.text = column("from send") + "  " + column("scheduled"),
                              .remark = "scheduled: from when the request was due"});
  }
  for (const TimeRow& row : time_rows(plan.percentiles)) {
    std::string text = column(format_duration(time_of(numbers.latency, row)));
    if (scheduled) text += "  " + column(format_duration(time_of(numbers.latency_intended, row)));
    section.fields.push_back(row_field(row, std::move(text), numbers.latency.count()));
  }
  if (scheduled && !numbers.own_delay.empty()) section.fields.push_back(own_delay_field(numbers));
  return section;
}

Section times_section(std::string title, const Histogram& times) {
  Section section{"", std::move(title), {}};
  if (times.empty()) return section;
  section.fields.push_back({.label = "connections", .text = column(fmt::to_string(times.count()))});
  for (const TimeRow& row : time_rows({})) {
    section.fields.push_back(row_field(row, column(format_duration(time_of(times, row))), times.count()));
  }
  return section;
}

std::string_view why_no_latency(const SendPlan& plan) {
  return has_requests(plan.load.mode) ? "no request was completed" : "this mode has no requests";
}

}  // namespace

std::vector<Field> latency_fields(const SendPlan& plan, const LoadNumbers& numbers) {
  const auto data = [&](const Histogram& times, std::int64_t unit) {
    return times_data(times, plan.percentiles, unit);
  };
  std::vector<Field> fields = {hidden("latency_us", data(numbers.latency, kMicrosecond)),
                               hidden("latency_ns", data(numbers.latency, kNanosecond)),
                               hidden("latency_reason", reason_data(numbers.latency, why_no_latency(plan)))};
  if (plan.load.rate == 0) return fields;
  fields.push_back(hidden("own_delay_us", times_data(numbers.own_delay, {}, kMicrosecond)));
  fields.push_back(hidden("latency_intended_us", data(numbers.latency_intended, kMicrosecond)));
  fields.push_back(hidden("latency_intended_ns", data(numbers.latency_intended, kNanosecond)));
  return fields;
}

std::vector<Section> latency_sections(const SendPlan& plan, const LoadNumbers& numbers) {
  const bool scheduled = plan.load.rate > 0;
  const bool crr = plan.load.mode == LoadMode::ConnectRequestResponse;
  Section data{"", "", latency_fields(plan, numbers)};
  data.fields.push_back(hidden("connect_us", times_data(numbers.connect_time, {}, kMicrosecond)));
  data.fields.push_back(
      hidden("connect_reason", reason_data(numbers.connect_time, "no connection was opened while it was measured")));
  data.fields.push_back(hidden("lifetime_us", times_data(numbers.lifetime, {}, kMicrosecond)));
  data.fields.push_back(hidden("lifetime_reason", reason_data(numbers.lifetime, "the server ended no connection")));
  std::vector<Section> sections = {std::move(data), table(plan, numbers)};
  sections.push_back(chart_section(scheduled ? "Distribution, from the scheduled time" : "Distribution",
                                   scheduled ? numbers.latency_intended : numbers.latency));
  if (crr) sections.push_back(times_section("Of that, to connect", numbers.connect_time));
  if (plan.load.mode == LoadMode::Idle) {
    sections.push_back(times_section("Lifetime of the connections that the server ended", numbers.lifetime));
  }
  return sections;
}
