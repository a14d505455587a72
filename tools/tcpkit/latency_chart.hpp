#pragma once

#include <cstdint>
#include <vector>

#include <tcpkit/base/histogram.hpp>
#include <tcpkit/report/report.hpp>

/// One row of a chart: the samples in [from, to).
struct ChartRow {
  tcpkit::Nanoseconds from{0};
  tcpkit::Nanoseconds to{0};
  std::uint64_t count = 0;
};

/// At most 16 rows from the least sample to the greatest, at round numbers that grow by about the same factor. None
/// without samples.
[[nodiscard]] std::vector<ChartRow> chart_rows(const tcpkit::Histogram& times);

/// The rows as bars of '#', with counts and shares. Its length is in proportion to the count, but never 0 where there
/// is a sample.
[[nodiscard]] tcpkit::Section chart_section(std::string title, const tcpkit::Histogram& times);
