#include "probe_frame.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "probe_look.hpp"

using namespace tcpkit;

namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kGap = 2;
constexpr std::size_t kUsualText = 12;    // so that columns stay where they are while numbers change
constexpr std::size_t kLeastChart = 4;    // less of a chart shows no course
constexpr std::size_t kChartOfNote = 16;  // with less of it the chart is worth more than a note on its scale
constexpr std::size_t kMost = 18;         // columns for that note
constexpr std::size_t kLinesLeft = 2;     // for the reason of an end, and the prompt

/// Widths of the columns of a frame.
struct Columns {
  std::size_t label = 0;
  std::size_t text = kUsualText;
  std::size_t chart = 0;
  bool most = false;
};

Columns columns_of(std::span<const FrameRow> rows, std::size_t width) {
  Columns columns;
  for (const FrameRow& row : rows) {
    columns.label = std::max(columns.label, row.field->name.size());
    columns.text = std::max(columns.text, row.text.size());
  }
  const std::size_t taken = kIndent + columns.label + kGap + columns.text + kGap;
  columns.chart = width > taken ? width - taken : 0;
  columns.most = columns.chart >= kChartOfNote + kGap + kMost;
  if (columns.most) columns.chart -= kGap + kMost;
  if (columns.chart < kLeastChart) columns.chart = 0;
  return columns;
}

/// What a bar of full height stands for.
std::string scale_text(const TcpInfoField& field, std::span<const std::optional<double>> series) {
  const double most = greatest(series);
  return most > 0 ? ("max " + chart_number(field, most)).substr(0, kMost) : "";
}

std::string line_of(const FrameRow& row, const Columns& columns, std::size_t width, Glyphs glyphs) {
  std::string line =
      fmt::format("{:{}}{:{}}{:{}}", "", kIndent, row.field->name, columns.label + kGap, row.text, columns.text + kGap);
  if (row.series.empty() || columns.chart == 0) {
    line.resize(std::min(line.find_last_not_of(' ') + 1, width));
    return line;
  }
  const auto drawn = std::span(row.series).last(std::min(columns.chart, row.series.size()));
  line += sparkline(drawn, columns.chart, glyphs);
  if (!columns.most) return line;
  return line.append(columns.chart - drawn.size() + kGap, ' ') + scale_text(*row.field, drawn);
}

}  // namespace

std::vector<std::string> frame_lines(std::span<const std::string> head, std::span<const FrameRow> rows,
                                     const Window& window, Glyphs glyphs) {
  const std::size_t width = window.columns - std::min<std::size_t>(window.columns, 1);
  const Columns columns = columns_of(rows, width);
  std::vector<std::string> lines;
  for (const std::string& text : head) lines.push_back(text.substr(0, width));
  if (!rows.empty()) lines.emplace_back();
  for (const FrameRow& row : rows) lines.push_back(line_of(row, columns, width, glyphs));
  lines.resize(std::min(lines.size(), window.lines - std::min(window.lines, kLinesLeft)));
  return lines;
}
