#include <tcpkit/report/findings.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tcpkit/report/data.hpp>
#include <tcpkit/sock/unit.hpp>

namespace tcpkit {
namespace {

Data evidence_data(const Finding& finding) {
  DataObject object;
  for (const Evidence& seen : finding.evidence) object.emplace_back(evidence_key(seen), to_data(seen.value));
  return {std::move(object)};
}

std::string seen_by(const Finding& finding) {
  std::vector<std::string> parts;
  for (const Evidence& seen : finding.evidence) {
    parts.push_back(fmt::format("{} {}", seen.name, format_value(seen.value, seen.unit)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

Field line(std::string label, std::string text) {
  return {.label = std::move(label), .remark = std::move(text)};
}

void add_finding(const Finding& finding, std::vector<Field>& fields) {
  fields.push_back({.label = std::string(finding.rule->id),
                    .text = std::string(severity_name(finding.severity)),
                    .remark = std::string(finding.rule->title)});
  fields.push_back(line("why", finding.why));
  if (!finding.evidence.empty()) fields.push_back(line("seen", seen_by(finding)));
  fields.push_back(line("remedy", finding.remedy));
}

std::string counted(const Diagnosis& diagnosis) {
  const std::size_t missing = diagnosis.not_checked.size();
  const std::string_view found = diagnosis.findings.empty() ? "nothing found; " : "";
  const std::string rest = missing == 0 ? "" : fmt::format(", {} could not be (--all shows why)", missing);
  return fmt::format("{}{} rules checked{}", found, diagnosis.checked, rest);
}

}  // namespace

Data finding_data(const Finding& finding) {
  const Rule& rule = *finding.rule;
  return {DataObject{{"id", Data{std::string(rule.id)}},
                     {"name", Data{std::string(rule.name)}},
                     {"severity", Data{std::string(severity_name(finding.severity))}},
                     {"title", Data{std::string(rule.title)}},
                     {"why", Data{finding.why}},
                     {"evidence", evidence_data(finding)},
                     {"remedy", Data{finding.remedy}},
                     {"source", Data{std::string(rule.source)}}}};
}

Data findings_data(const Diagnosis& diagnosis) {
  DataArray array;
  for (const Finding& finding : diagnosis.findings) array.push_back(finding_data(finding));
  return {std::move(array)};
}

Data not_checked_data(const Diagnosis& diagnosis) {
  DataArray array;
  for (const Unchecked& unchecked : diagnosis.not_checked) {
    array.push_back({DataObject{{"id", Data{std::string(unchecked.rule->id)}}, {"reason", Data{unchecked.reason}}}});
  }
  return {std::move(array)};
}

std::string finding_line(const Finding& finding) {
  return fmt::format("{} {} ({}): {}", finding.rule->id, finding.rule->name, severity_name(finding.severity),
                     finding.rule->title);
}

std::vector<Section> describe_findings(const Diagnosis& diagnosis) {
  Section section{.title = "Findings"};
  section.fields.push_back({.key = "findings", .data = findings_data(diagnosis), .show = Show::Never});
  section.fields.push_back({.key = "findings_not_checked", .data = not_checked_data(diagnosis), .show = Show::Never});
  for (const Finding& finding : diagnosis.findings) add_finding(finding, section.fields);
  section.fields.push_back({.remark = counted(diagnosis)});
  Section unchecked{.title = "Rules not checked"};
  for (const Unchecked& rule : diagnosis.not_checked) {
    unchecked.fields.push_back(
        {.label = fmt::format("{} {}", rule.rule->id, rule.rule->name), .remark = rule.reason, .show = Show::All});
  }
  return {std::move(section), std::move(unchecked)};
}

}  // namespace tcpkit
