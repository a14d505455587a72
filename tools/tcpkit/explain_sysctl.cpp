#include <algorithm>

#include <tcpkit/report/data.hpp>
#include <tcpkit/sock/unit.hpp>

#include "explain_rows.hpp"
#include "row_field.hpp"
#include "row_words.hpp"

namespace {

using namespace tcpkit;

std::string proc_path(std::string_view name) {
  std::string path = "/proc/sys/" + std::string(name);
  std::ranges::replace(path, '.', '/');
  return path;
}

Field value_field(const Sysctl& sysctl) {
  const SysctlReading reading = read_sysctl(sysctl);
  DataObject data{{"value", to_data(reading.value)}, {"reason", text_or_null(reading.reason)}};
  const std::string text = reading.value ? format_value(*reading.value, sysctl.unit) : reading.reason;
  return row_field("now", "now", {std::move(data)}, text);
}

/// The options it bears on, a few to a line.
void add_options(std::vector<Field>& fields, const Sysctl& sysctl) {
  constexpr std::size_t kLineWidth = 50;
  DataArray symbols;
  std::vector<std::string> lines;
  for (const Option& option : options()) {
    if (std::ranges::count(governing_sysctls(option), sysctl.name) == 0) continue;
    symbols.push_back({std::string(option.symbol)});
    const bool fits = !lines.empty() && lines.back().size() + option.name.size() < kLineWidth;
    if (!lines.empty()) lines.back() += fits ? ", " : ",";
    if (!fits) lines.emplace_back();
    lines.back() += option.name;
  }
  fields.push_back(row_field("options", {}, {std::move(symbols)}, {}));
  for (const std::string& line : lines) fields.push_back(text_line(&line == lines.data() ? "bears on" : "", line));
}

}  // namespace

std::vector<Section> explain_row(const Sysctl& sysctl) {
  Section section{.title = std::string(sysctl.name)};
  std::vector<Field>& fields = section.fields;
  fields.push_back(row_text("name", {}, sysctl.name));
  fields.push_back(row_prose("governs", sysctl.governs));
  fields.push_back(row_text("path", "where", proc_path(sysctl.name)));
  fields.push_back(row_term("kind", "kind", kind_term(sysctl.kind)));
  fields.push_back(row_text("unit", "unit", unit_name(sysctl.unit)));
  fields.push_back(row_text("scope", "scope", scope_name(sysctl.scope)));
  fields.push_back(value_field(sysctl));
  fields.push_back(row_text("usual", "usual", sysctl.usual));
  add_options(fields, sysctl);
  fields.push_back(row_text("since", "since Linux", sysctl.since));
  return {std::move(section), {.title = "Advice", .fields = {row_prose("caveat", sysctl.caveat)}}};
}
