#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include "base/split.hpp"

#include "report/formats.hpp"

namespace tcpkit {
namespace {

constexpr std::string_view kBold = "1";
constexpr std::string_view kDim = "2";

constexpr int kNarrowestPage = 40;
constexpr std::size_t kWidestLabel = 28;
constexpr std::size_t kWidestText = 30;
constexpr std::size_t kGap = 2;               // between columns
constexpr std::size_t kNarrowestRemark = 30;  // prose in a narrower column is hard to read
constexpr std::size_t kHang = 4;              // remarks on lines of their own, from the label

/// A field as it will stand on the page: printable, with single blanks in the remark.
struct Row {
  std::string label;
  std::string text;
  std::string remark;

  [[nodiscard]] bool is_paragraph() const { return label.empty() && text.empty(); }
};

/// Columns of one section, counted from the left edge.
struct Layout {
  std::size_t indent = 0;
  std::size_t text = 0;
  std::size_t remark = 0;
  std::size_t width = 0;
  bool colour = false;
};

std::string single_spaced(std::string_view text) {
  return fmt::format("{}", fmt::join(words(text), " "));
}

/// Lines of at most `width`, except that a longer word stays whole. `text` is single spaced.
std::vector<std::string_view> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    std::size_t end = text.size();
    if (end > width) end = std::min(text.rfind(' ', width), text.find(' ', width));
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(lines.back().size() + 1, text.size()));
  }
  return lines;
}

std::string paint(std::string_view text, std::string_view code, bool colour) {
  return colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::vector<Row> shown_rows(const Section& section, bool all) {
  std::vector<Row> rows;
  for (const auto& field : section.fields) {
    if (field.show == Show::Never || (field.show == Show::All && !all)) continue;
    rows.push_back({printable(field.label), printable(field.text), single_spaced(printable(field.remark))});
    if (rows.back().is_paragraph() && rows.back().remark.empty()) rows.pop_back();
  }
  return rows;
}

std::size_t column_width(const std::vector<Row>& rows, std::string Row::*cell, std::size_t cap) {
  std::size_t widest = 0;
  for (const auto& row : rows) widest = std::max(widest, (row.*cell).size());
  return widest == 0 ? 0 : std::min(widest, cap) + kGap;
}

Layout make_layout(const std::vector<Row>& rows, bool titled, const Style& style) {
  Layout layout;
  layout.indent = titled ? 2 : 0;
  layout.text = layout.indent + column_width(rows, &Row::label, kWidestLabel);
  layout.remark = layout.text + column_width(rows, &Row::text, kWidestText);
  layout.width = static_cast<std::size_t>(std::max(style.width, kNarrowestPage));
  layout.colour = style.colour;
  return layout;
}

std::string paragraph(const Row& row, const Layout& layout) {
  std::string out;
  for (const auto& line : wrap(row.remark, layout.width - layout.indent)) {
    out.append(layout.indent, ' ').append(line) += '\n';
  }
  return out;
}

/// The text in its column, or after a gap when the label reaches into it.
std::string label_and_text(const Row& row, const Layout& layout) {
  std::string line = std::string(layout.indent, ' ') + row.label;
  if (row.text.empty()) return line;
  const auto after_label = line.size() + (row.label.empty() ? 0 : kGap);
  line.resize(std::max(layout.text, after_label), ' ');
  return line + row.text;
}

std::string fact(const Row& row, const Layout& layout) {
  std::string line = label_and_text(row, layout);
  if (row.remark.empty()) return line + '\n';

  const bool fits = layout.remark + row.remark.size() <= layout.width;
  const bool room_to_wrap = layout.remark + kNarrowestRemark <= layout.width;
  const bool beside = line.size() + kGap <= layout.remark && (fits || room_to_wrap);
  const auto column = beside ? layout.remark : layout.indent + kHang;
  std::string out = beside ? "" : std::exchange(line, "") + '\n';
  for (const auto& part : wrap(row.remark, layout.width - column)) {
    line.resize(column, ' ');
    out += std::exchange(line, "") + paint(part, kDim, layout.colour) + '\n';
  }
  return out;
}

std::string render_section(const Section& section, const Style& style) {
  const auto rows = shown_rows(section, style.all);
  if (rows.empty()) return {};
  const bool titled = !section.title.empty();
  const auto layout = make_layout(rows, titled, style);
  std::string out = titled ? paint(printable(section.title), kBold, style.colour) + '\n' : "";
  for (const auto& row : rows) out += row.is_paragraph() ? paragraph(row, layout) : fact(row, layout);
  return out;
}

}  // namespace

std::string render_line(std::string_view cells, std::string_view details, const Style& style) {
  const auto width = static_cast<std::size_t>(std::max(style.width, kNarrowestPage));
  std::string out = printable(cells);
  if (details.empty()) return out += '\n';
  const std::string more = printable(details);
  if (out.size() + kGap + more.size() <= width) return out.append(kGap, ' ').append(more) += '\n';
  out += '\n';
  for (const auto part : wrap(more, width - kHang))
    out.append(kHang, ' ').append(paint(part, kDim, style.colour)) += '\n';
  return out;
}

std::string render_text(const Report& report, const Style& style) {
  std::string out;
  for (const auto& section : report.sections) {
    const auto part = render_section(section, style);
    if (!out.empty() && !part.empty()) out += '\n';
    out += part;
  }
  return out;
}

}  // namespace tcpkit
