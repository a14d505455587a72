#include <algorithm>

#include <tcpkit/sock/unit.hpp>

#include "explain_rows.hpp"
#include "row_field.hpp"
#include "row_words.hpp"
#include "value_data.hpp"

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

Field bears_on_field(const Sysctl& sysctl) {
  DataArray symbols;
  std::string text;
  for (const Option& option : options()) {
    if (std::ranges::count(governing_sysctls(option), sysctl.name) == 0) continue;
    symbols.push_back({std::string(option.symbol)});
    text += (text.empty() ? "" : ", ") + std::string(option.name);
  }
  return row_prose("options", "bears on", {std::move(symbols)}, std::move(text));
}

}  // namespace

Section explain_row(const Sysctl& sysctl) {
  Section section{.key = "sysctl", .title = std::string(sysctl.name), .fields = {}};
  std::vector<Field>& fields = section.fields;
  fields.push_back(row_text("name", {}, sysctl.name));
  fields.push_back(row_prose("governs", "what", sysctl.governs));
  fields.push_back(row_text("path", "where", proc_path(sysctl.name)));
  fields.push_back(row_term("kind", "kind", kind_term(sysctl.kind)));
  fields.push_back(row_text("unit", "unit", unit_name(sysctl.unit)));
  fields.push_back(row_text("scope", "scope", scope_name(sysctl.scope)));
  fields.push_back(value_field(sysctl));
  fields.push_back(row_text("usual", "usual", sysctl.usual));
  fields.push_back(row_prose("caveat", "advice", sysctl.caveat));
  fields.push_back(bears_on_field(sysctl));
  fields.push_back(row_text("since", "since Linux", sysctl.since));
  return section;
}
