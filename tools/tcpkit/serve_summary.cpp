#include <array>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/report/data.hpp>
#include <tcpkit/report/findings.hpp>

#include "serve_report.hpp"

using namespace tcpkit;

namespace {

std::uint64_t closed_by(const ServeSummary& summary, CloseReason reason) {
  return summary.closed_by.at(static_cast<std::size_t>(reason));
}

std::string endings_text(const ServeSummary& summary) {
  std::string text;
  for (const CloseReason reason : kCloseReasons) {
    const std::uint64_t count = closed_by(summary, reason);
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, close_reason_name(reason));
  }
  return text;
}

Data endings_data(const ServeSummary& summary) {
  DataObject object;
  for (const CloseReason reason : kCloseReasons) {
    object.emplace_back(close_reason_name(reason), Data{closed_by(summary, reason)});
  }
  return {std::move(object)};
}

/// Events in a second, or nothing where no time passed.
std::optional<std::uint64_t> rate(std::uint64_t count, Nanoseconds time) {
  if (time.count() <= 0) return std::nullopt;
  const double seconds = std::chrono::duration<double>(time).count();
  return static_cast<std::uint64_t>(std::llround(static_cast<double>(count) / seconds));
}

std::string bytes_text(std::uint64_t bytes) {
  return bytes < 1024 ? format_bytes(bytes) : fmt::format("{} ({})", bytes, format_bytes(bytes));
}

Field shown(std::string_view key, Data data, std::string_view label, std::string text, bool if_any = true) {
  const Show show = if_any ? Show::Always : Show::Never;
  return {std::string(key), std::move(data), std::string(label), std::move(text), {}, show};
}

Field count(std::string_view key, std::string_view label, std::uint64_t number, bool if_any = true) {
  return shown(key, {number}, label, fmt::to_string(number), if_any);
}

Field loss(std::string_view key, std::string_view label, std::optional<std::uint64_t> number) {
  return shown(key, number_or_null(number), label, fmt::to_string(number.value_or(0)), number.value_or(0) > 0);
}

Data found_data(std::span<const FindingWatch::Found> findings) {
  DataArray array;
  for (const FindingWatch::Found& found : findings) {
    array.push_back({DataObject{{"address", {found.address}}, {"finding", finding_data(found.finding)}}});
  }
  return {std::move(array)};
}

/// Notes are for those who look at everything.
std::string found_text(std::span<const FindingWatch::Found> findings) {
  std::string text;
  for (const FindingWatch::Found& found : findings) {
    if (found.finding.severity == Severity::Note) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", found.finding.rule->id, found.finding.rule->name);
  }
  return text;
}

}  // namespace

Report summary_report(const ServeSummary& summary, const Losses& losses,
                      std::span<const FindingWatch::Found> findings) {
  const ServeTotals& totals = summary.totals;
  const auto per_second = rate(totals.requests, summary.duration);
  const auto duration_us = std::chrono::duration_cast<std::chrono::microseconds>(summary.duration).count();
  Section section{.title = "Summary"};
  section.fields = {
      {.key = "event", .data = {std::string("summary")}, .show = Show::Never},
      count("accepted", "connections", totals.accepted),
      count("peak_connections", "at once", summary.peak_connections),
      shown("closed", endings_data(summary), "ended", endings_text(summary), totals.accepted > 0),
      shown("bytes_received", {totals.bytes_received}, "received", bytes_text(totals.bytes_received)),
      shown("bytes_sent", {totals.bytes_sent}, "sent", bytes_text(totals.bytes_sent)),
      count("requests", "requests", totals.requests),
      shown("requests_per_s", number_or_null(per_second), "requests/s", fmt::to_string(per_second.value_or(0)),
            per_second.has_value()),
      shown("duration_us", {std::int64_t{duration_us}}, "time", format_duration(summary.duration)),
      count("pauses", "pauses", summary.pauses, summary.pauses > 0),
      count("log_lines_dropped", "log lines dropped", losses.log_lines, losses.log_lines > 0),
      loss("overflows", "overflows, namespace", losses.overflows),
      loss("drops", "drops, namespace", losses.drops),
      shown("findings", found_data(findings), "findings", found_text(findings), !found_text(findings).empty()),
  };
  return {.schema = "tcpkit.serve/1", .sections = {std::move(section)}};
}
