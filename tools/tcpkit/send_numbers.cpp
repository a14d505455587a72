#include "send_numbers.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/report/data.hpp>

#include "percentiles.hpp"
#include "send_notes.hpp"

using namespace tcpkit;

namespace {

constexpr double kUsual[] = {50, 90, 99, 99.9, 99.99};

/// How many samples make a percentile more than the greatest of them.
std::uint64_t samples_for(double percent) {
  return percent >= 100 ? 1 : static_cast<std::uint64_t>(std::ceil(100 / (100 - percent) - 1e-6));
}

}  // namespace

std::optional<double> per_second(std::uint64_t count, Nanoseconds time) {
  if (time.count() <= 0) return std::nullopt;
  return static_cast<double>(count) / std::chrono::duration<double>(time).count();
}

Data rate_data(std::uint64_t count, Nanoseconds time) {
  const std::optional<double> rate = per_second(count, time);
  return rate ? Data{static_cast<std::uint64_t>(std::llround(*rate))} : Data{};
}

std::string rate_text(std::uint64_t count, Nanoseconds time) {
  constexpr double kWholeNumbers = 100;
  const std::optional<double> rate = per_second(count, time);
  if (!rate) return "-";
  return *rate<kWholeNumbers&& * rate> 0 ? fmt::format("{:.3g}", *rate) : fmt::format("{:.0f}", *rate);
}

std::string bit_rate_text(std::uint64_t bytes, Nanoseconds time) {
  const std::optional<double> rate = per_second(bytes, time);
  return rate ? format_bit_rate(static_cast<std::uint64_t>(std::llround(*rate * 8))) : "-";
}

std::uint64_t failed(const LoadNumbers& numbers) {
  std::uint64_t sum = 0;
  for (const std::uint64_t count : numbers.failures) sum += count;
  return sum;
}

std::string failures_text(const LoadNumbers& numbers) {
  std::string text;
  for (const LoadFailure failure : kLoadFailures) {
    const std::uint64_t count = numbers.failures.at(static_cast<std::size_t>(failure));
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, load_failure_name(failure));
  }
  return text;
}

Data failures_data(const LoadNumbers& numbers) {
  DataObject object;
  for (const LoadFailure failure : kLoadFailures) {
    object.emplace_back(load_failure_name(failure), Data{numbers.failures.at(static_cast<std::size_t>(failure))});
  }
  return {std::move(object)};
}

std::vector<TimeRow> time_rows(std::span<const double> percentiles) {
  std::vector<double> all(std::begin(kUsual), std::end(kUsual));
  for (const double percent : percentiles) {
    if (std::ranges::find(all, percent) == all.end()) all.push_back(percent);
  }
  std::ranges::sort(all);
  std::vector<TimeRow> rows = {{"min", "min"}, {"mean", "mean"}};
  for (const double percent : all) {
    const bool asked = std::ranges::find(percentiles, percent) != percentiles.end();
    rows.push_back({percentile_key(percent), percentile_label(percent), percent, asked ? 1 : samples_for(percent)});
  }
  rows.push_back({"max", "max"});
  return rows;
}

Nanoseconds time_of(const Histogram& times, const TimeRow& row) {
  if (row.percent > 0) return times.percentile(row.percent);
  if (row.key == "min") return times.min();
  return row.key == "mean" ? times.mean() : times.max();
}

Data times_data(const Histogram& times, std::span<const double> percentiles, std::int64_t unit_ns) {
  DataObject object;
  for (const TimeRow& row : time_rows(percentiles)) {
    object.emplace_back(row.key, times.empty() ? Data{} : Data{std::int64_t{time_of(times, row).count() / unit_ns}});
  }
  return {std::move(object)};
}

Data path_data(const PathNumbers& path) {
  return {DataObject{{"connections", Data{path.connections}},
                     {"rtt_us", number_or_null(path.rtt_us)},
                     {"rtt_max_us", number_or_null(path.rtt_max_us)},
                     {"cwnd", number_or_null(path.cwnd)},
                     {"retransmits", number_or_null(path.retransmits)},
                     {"busy_us", number_or_null(path.busy_us)},
                     {"rwnd_limited_us", number_or_null(path.rwnd_limited_us)},
                     {"sndbuf_limited_us", number_or_null(path.sndbuf_limited_us)},
                     {"delivery_rate_bytes_per_s", number_or_null(path.delivery_rate_bytes_per_s)},
                     {"limiter", Data{std::string(limiter_name(path.limiter))}}}};
}

Data client_data(const LoadNumbers& numbers) {
  const std::optional<double> share = client_share(numbers);
  return {DataObject{{"cpu_user_us", microseconds(numbers.cpu_user)},
                     {"cpu_system_us", microseconds(numbers.cpu_system)},
                     {"cpu_percent", share ? Data{std::int64_t{std::llround(100 * *share)}} : Data{}},
                     {"was_the_limit", share ? Data{client_was_limit(numbers)} : Data{}}}};
}
