#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/net/load.hpp>
#include <tcpkit/report/report.hpp>

/// Numbers of a measurement as machine formats show them, and the words that stand for them.

/// Events in a second; nothing where no time passed.
[[nodiscard]] std::optional<double> per_second(std::uint64_t count, tcpkit::Nanoseconds time);
/// The same, rounded, or null.
[[nodiscard]] tcpkit::Data rate_data(std::uint64_t count, tcpkit::Nanoseconds time);
/// "123", "4.56": three digits at least.
[[nodiscard]] std::string rate_text(std::uint64_t count, tcpkit::Nanoseconds time);
/// "8.00 Gbit/s", of bytes.
[[nodiscard]] std::string bit_rate_text(std::uint64_t bytes, tcpkit::Nanoseconds time);

[[nodiscard]] std::uint64_t failed(const tcpkit::LoadNumbers& numbers);
/// "3 timeout, 1 reset", or empty.
[[nodiscard]] std::string failures_text(const tcpkit::LoadNumbers& numbers);
/// {"connect": 0, ...}
[[nodiscard]] tcpkit::Data failures_data(const tcpkit::LoadNumbers& numbers);

/// A number that sums up many times.
struct TimeRow {
  std::string key;            ///< "p99_9"
  std::string label;          ///< "p99.9"
  double percent = 0;         ///< 0 for min, mean and max
  std::uint64_t samples = 1;  ///< with fewer, it is the greatest sample under another name
};
/// min, mean, p50, p90, p99, p99.9, p99.99, max, and where they belong among them those asked for.
[[nodiscard]] std::vector<TimeRow> time_rows(std::span<const double> percentiles);
/// The value of a row. Not to be called without samples.
[[nodiscard]] tcpkit::Nanoseconds time_of(const tcpkit::Histogram& times, const TimeRow& row);
/// {"min": ..., "max": ...}, in units of so many nanoseconds; each null without samples.
[[nodiscard]] tcpkit::Data times_data(const tcpkit::Histogram& times, std::span<const double> percentiles,
                                      std::int64_t unit_ns);

/// path{...}
[[nodiscard]] tcpkit::Data path_data(const tcpkit::PathNumbers& path);
/// client{cpu_user_us,cpu_system_us,cpu_percent,was_the_limit}: of the measuring thread, 100 % is one processor; null
/// where it was too short to tell.
[[nodiscard]] tcpkit::Data client_data(const tcpkit::LoadNumbers& numbers);
