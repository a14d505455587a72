#include "latency_chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

using namespace tcpkit;

namespace {

constexpr std::size_t kMostRows = 16;
constexpr std::size_t kUsualRows = 10;  // up to the percentile below
constexpr double kUsual = 99;
constexpr std::size_t kBarColumns = 30;

/// Tenths of a power of ten at which rows begin, finest first; the middle ones are the E series of IEC 60063.
constexpr std::array<std::int64_t, 24> kFinest = {10, 11, 12, 13, 15, 16, 18, 20, 22, 24, 27, 30,
                                                  33, 36, 39, 43, 47, 51, 56, 62, 68, 75, 82, 91};
constexpr std::array<std::int64_t, 12> kFine = {10, 12, 15, 18, 22, 27, 33, 39, 47, 56, 68, 82};
constexpr std::array<std::int64_t, 6> kMiddle = {10, 15, 20, 30, 50, 70};
constexpr std::array<std::int64_t, 3> kCoarse = {10, 20, 50};
constexpr std::array<std::int64_t, 2> kCoarser = {10, 30};
constexpr std::array<std::int64_t, 1> kCoarsest = {10};

using Series = std::span<const std::int64_t>;

/// Edges of the rows that hold everything from `least` to `most`.
std::vector<Nanoseconds> edges(Series series, Nanoseconds least, Nanoseconds most) {
  std::vector<Nanoseconds> found;
  std::int64_t power = 1;
  while (power * 100 <= least.count()) power *= 10;
  for (;; power *= 10) {
    for (const std::int64_t step : series) {
      const Nanoseconds edge{step * power};
      if (!found.empty() && edge <= least) found.pop_back();
      found.push_back(edge);
      if (edge > most) return found;
    }
  }
}

/// The finest with at most so many rows.
std::vector<Nanoseconds> finest_edges(std::initializer_list<Series> choices, Nanoseconds least, Nanoseconds most,
                                      std::size_t rows) {
  std::vector<Nanoseconds> found;
  for (const Series series : choices) {
    found = edges(series, least, most);
    if (found.size() <= rows + 1) break;
  }
  return found;
}

/// Fine where nearly all samples are, coarse beyond.
std::vector<Nanoseconds> joined_edges(Nanoseconds least, Nanoseconds usual, Nanoseconds most, std::size_t usual_rows) {
  std::vector<Nanoseconds> found =
      finest_edges({kFinest, kFine, kMiddle, kCoarse, kCoarser, kCoarsest}, least, usual, usual_rows);
  if (found.back() > most || found.size() > kMostRows) return found;
  const std::vector<Nanoseconds> tail =
      finest_edges({kCoarse, kCoarser, kCoarsest}, found.back(), most, kMostRows - found.size() + 1);
  found.insert(found.end(), std::ranges::upper_bound(tail, found.back()), tail.end());
  return found;
}

std::vector<Nanoseconds> chosen_edges(Nanoseconds least, Nanoseconds usual, Nanoseconds most) {
  for (std::size_t usual_rows = kUsualRows; usual_rows > 1; --usual_rows) {
    std::vector<Nanoseconds> found = joined_edges(least, usual, most, usual_rows);
    if (found.size() <= kMostRows + 1) return found;
  }
  return edges(kCoarsest, least, most);  // 13 rows from 10 ns to the longest time there is
}

std::string share_text(std::uint64_t part, std::uint64_t whole) {
  if (part == 0) return "";
  const double percent = 100 * static_cast<double>(part) / static_cast<double>(whole);
  return percent < 0.1 ? "   <0.1 %" : fmt::format("  {:>5.1f} %", percent);
}

std::size_t bar_length(std::uint64_t count, std::uint64_t most) {
  if (count == 0) return 0;
  const double columns = static_cast<double>(kBarColumns) * static_cast<double>(count) / static_cast<double>(most);
  return std::max<std::size_t>(1, static_cast<std::size_t>(std::llround(columns)));
}

}  // namespace

std::vector<ChartRow> chart_rows(const Histogram& times) {
  if (times.empty()) return {};
  // Everything below 10 ns is one row: no clock tells more.
  const Nanoseconds least = std::max(times.min(), Nanoseconds(10));
  const std::vector<Nanoseconds> found = chosen_edges(least, std::max(times.percentile(kUsual), least),
                                                      std::clamp(times.max(), least, Histogram::kLongest));
  std::vector<ChartRow> rows;
  for (std::size_t at = 0; at + 1 < found.size(); ++at) {
    const Nanoseconds from = at == 0 ? Nanoseconds(0) : found[at];
    const Nanoseconds to = at + 2 == found.size() ? Nanoseconds::max() : found[at + 1];
    rows.push_back({found[at], found[at + 1], times.count_between(from, to)});
  }
  return rows;
}

Section chart_section(std::string title, const Histogram& times) {
  Section section{"", std::move(title), {}};
  const std::vector<ChartRow> rows = chart_rows(times);
  std::uint64_t most = 1;
  for (const ChartRow& row : rows) most = std::max(most, row.count);
  for (const ChartRow& row : rows) {
    Field field;
    field.label = fmt::format("{:>7} - {:>7}", format_duration(row.from), format_duration(row.to));
    field.text = fmt::format("{:<{}} {:>10}{}", std::string(bar_length(row.count, most), '#'), kBarColumns, row.count,
                             share_text(row.count, times.count()));
    section.fields.push_back(std::move(field));
  }
  return section;
}
