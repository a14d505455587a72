#include <fmt/format.h>

#include <array>
#include <utility>

#include <tcpkit/base/units.hpp>

#include "command.hpp"
#include "console.hpp"
#include "explain_matches.hpp"
#include "explain_rows.hpp"

namespace {

using namespace tcpkit;

constexpr std::string_view kSchema = "tcpkit.explain/1";

/// Keys of the tables in machine formats.
constexpr std::string_view kOptions = "options";
constexpr std::string_view kSysctls = "sysctls";
constexpr std::string_view kTcpInfo = "tcp_info";
constexpr std::string_view kFindings = "findings";

Data as_object(const std::vector<Section>& sections) {
  DataObject object;
  for (const Section& section : sections) {
    for (const Field& field : section.fields) {
      if (!field.key.empty()) object.emplace_back(field.key, field.data);
    }
  }
  return {std::move(object)};
}

/// A row as one line of a list. The whole row is gathered only where the format shows it.
template <class Row>
Field list_line(const Row& row, std::string_view key, std::string_view name, std::string_view brief, bool complete) {
  Field line{.key = std::string(key), .label = std::string(name), .remark = std::string(brief)};
  if (complete) line.data = as_object(explain_row(row));
  return line;
}

/// A row in full: for a program one object in its table, under the row's full name; for a reader the sections.
template <class Row>
void add_row(std::vector<Section>& report, std::string_view table, std::string_view key, const Row& row) {
  std::vector<Section> sections = explain_row(row);
  Field object{.key = std::string(key), .data = as_object(sections), .show = Show::Never};
  report.push_back({.key = std::string(table), .fields = {std::move(object)}});
  for (Section& section : sections) {
    for (Field& field : section.fields) field.key.clear();
    report.push_back(std::move(section));
  }
}

void add_options(std::vector<Section>& sections, bool complete) {
  int level = -1;
  for (const Option& row : options()) {
    if (std::exchange(level, row.level) != row.level) {
      sections.push_back({.key = std::string(kOptions), .title = fmt::format("Socket options, {}", level_name(level))});
    }
    sections.back().fields.push_back(list_line(row, row.symbol, row.name, row.brief, complete));
  }
}

Section finding_lines(bool complete) {
  Section lines{.key = std::string(kFindings), .title = "Findings"};
  for (const Rule& row : rules()) {
    lines.fields.push_back(list_line(row, row.id, fmt::format("{} {}", row.id, row.name), row.title, complete));
  }
  return lines;
}

Report list_of_all(bool complete) {
  Report report{.schema = std::string(kSchema)};
  add_options(report.sections, complete);
  Section sysctl_lines{.key = std::string(kSysctls), .title = "Sysctls"};
  for (const Sysctl& row : sysctls()) {
    sysctl_lines.fields.push_back(list_line(row, row.name, row.name, row.governs, complete));
  }
  Section field_lines{.key = std::string(kTcpInfo), .title = "TCP_INFO fields"};
  for (const TcpInfoField& row : tcp_info_fields()) {
    field_lines.fields.push_back(list_line(row, row.key, row.key, row.brief, complete));
  }
  report.sections.push_back(std::move(sysctl_lines));
  report.sections.push_back(std::move(field_lines));
  report.sections.push_back(finding_lines(complete));
  return report;
}

Report about(const Matches& matches) {
  Report report{.schema = std::string(kSchema)};
  if (matches.option) add_row(report.sections, kOptions, matches.option->symbol, *matches.option);
  for (const Sysctl* sysctl : matches.sysctls) add_row(report.sections, kSysctls, sysctl->name, *sysctl);
  if (matches.field) add_row(report.sections, kTcpInfo, matches.field->key, *matches.field);
  if (matches.rule) add_row(report.sections, kFindings, matches.rule->id, *matches.rule);
  return report;
}

Error unknown_name(std::string_view name) {
  const std::string_view near = nearest_row(name);
  const std::string advice = near.empty() ? "a socket option, sysctl, TCP_INFO field or finding is allowed"
                                          : fmt::format("did you mean {}?", near);
  Error error = bad_value(fmt::format("unknown name {}: {}", quote(name), advice));
  error.hint = "tcpkit explain lists every name";
  return error;
}

ExitCode run(const Args& args, Console& console) {
  if (args.positionals().empty()) {
    console.print(list_of_all(console.complete()));
    return ExitCode::Done;
  }
  const std::string& name = args.positionals().front();
  if (name == kFindingsTopic) {
    console.print({.schema = std::string(kSchema), .sections = {finding_lines(console.complete())}});
    return ExitCode::Done;
  }
  const Matches matches = find_matches(name);
  if (matches.empty()) return console.fail(unknown_name(name));
  console.print(about(matches));
  return ExitCode::Done;
}

constexpr std::array kPositionals{
    Positional{
        .name = "NAME",
        .choices = {Source::Names},
        .brief =
            "A socket option (rcvbuf, SO_RCVBUF), a sysctl (tcp_rmem, net.ipv4.tcp_rmem or its path), a "
            "TCP_INFO field (rtt, rtt_us, tcpi_rtt), or a finding (F05, rwnd-limited); findings lists those. Without "
            "it, all names with one line each."},
};

constexpr std::array kExamples{
    Example{"tcpkit explain", "every socket option, sysctl, TCP_INFO field and finding"},
    Example{"tcpkit explain rcvbuf", "what SO_RCVBUF does, its default here, and what the kernel makes of a value"},
    Example{"tcpkit explain net.ipv4.tcp_rmem", "what a sysctl governs, and its value now"},
    Example{"tcpkit explain F05", "what a finding means, when it is made, and what mends it"},
    Example{"tcpkit explain --json keepidle", "the whole row for a program"},
};

}  // namespace

extern const Command kExplain;
constinit const Command kExplain{
    .name = "explain",
    .brief = "explain a socket option, sysctl or TCP_INFO field, with its values on this host, or a finding",
    .synopsis = "[NAME]",
    .positionals = kPositionals,
    .flags = {},
    .examples = kExamples,
    .run = run,
};
