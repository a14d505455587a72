#include <fmt/format.h>
#include <fmt/ranges.h>

#include "explain_rows.hpp"
#include "row_field.hpp"

namespace {

using namespace tcpkit;

Field inputs_field(const Rule& rule) {
  DataArray data;
  std::vector<std::string> names;
  for (const Input& input : rule.inputs) {
    names.push_back(input_name(input));
    data.push_back({names.back()});
  }
  Field field = row_field("inputs", "looks at", {std::move(data)}, {});
  field.remark = fmt::format("{}", fmt::join(names, ", "));
  field.show = Show::Always;
  return field;
}

Section prose_section(std::string_view title, std::string_view key, std::string_view text) {
  return {.title = std::string(title), .fields = {row_prose(std::string(key), text)}};
}

}  // namespace

std::vector<Section> explain_row(const Rule& rule) {
  Section section{.title = fmt::format("{} {}", rule.id, rule.name)};
  std::vector<Field>& fields = section.fields;
  fields.push_back(row_text("id", {}, rule.id));
  fields.push_back(row_text("name", {}, rule.name));
  fields.push_back(row_prose("title", rule.title));
  fields.push_back(row_text("severity", "severity", severity_name(rule.severity)));
  fields.push_back(inputs_field(rule));
  fields.push_back(row_text("source", "source", rule.source));
  return {std::move(section), prose_section("Found when", "condition", rule.condition),
          prose_section("Why", "why", rule.why), prose_section("Remedy", "remedy", rule.remedy)};
}
