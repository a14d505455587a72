#include <fmt/format.h>

#include <array>

#include <tcpkit/base/units.hpp>

#include "command.hpp"
#include "console.hpp"
#include "explain_matches.hpp"
#include "explain_rows.hpp"

namespace {

using namespace tcpkit;

constexpr std::string_view kSchema = "tcpkit.explain/1";

Field list_line(std::string_view key, std::string_view name, std::string_view brief) {
  return {.key = std::string(key),
          .data = {},
          .label = std::string(name),
          .text = std::string(brief),
          .remark = {},
          .show = Show::Always};
}

Data as_object(Section section) {
  DataObject object;
  for (Field& field : section.fields) {
    if (!field.key.empty()) object.emplace_back(std::move(field.key), std::move(field.data));
  }
  return {std::move(object)};
}

/// Every row as one line; where the format is complete, the whole row as data.
Report list_of_all(bool complete) {
  Section option_lines{.key = "options", .title = "Socket options", .fields = {}};
  for (const Option& row : options()) {
    option_lines.fields.push_back(list_line(row.symbol, row.name, row.brief));
    if (complete) option_lines.fields.back().data = as_object(explain_row(row));
  }
  Section sysctl_lines{.key = "sysctls", .title = "Sysctls", .fields = {}};
  for (const Sysctl& row : sysctls()) {
    sysctl_lines.fields.push_back(list_line(row.name, row.name, row.governs));
    if (complete) sysctl_lines.fields.back().data = as_object(explain_row(row));
  }
  Section field_lines{.key = "tcp_info", .title = "TCP_INFO fields", .fields = {}};
  for (const TcpInfoField& row : tcp_info_fields()) {
    field_lines.fields.push_back(list_line(row.key, row.key, row.brief));
    if (complete) field_lines.fields.back().data = as_object(explain_row(row));
  }
  return {std::string(kSchema), {std::move(option_lines), std::move(sysctl_lines), std::move(field_lines)}};
}

Report about(const Matches& matches) {
  Report report{.schema = std::string(kSchema), .sections = {}};
  if (matches.option) report.sections.push_back(explain_row(*matches.option));
  if (matches.sysctl) report.sections.push_back(explain_row(*matches.sysctl));
  if (matches.field) report.sections.push_back(explain_row(*matches.field));
  return report;
}

Error unknown_name(std::string_view name) {
  const std::string_view near = nearest_row(name);
  const std::string advice =
      near.empty() ? "a socket option, sysctl or TCP_INFO field is allowed" : fmt::format("did you mean {}?", near);
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
  const Matches matches = find_matches(name);
  if (matches.empty()) return console.fail(unknown_name(name));
  console.print(about(matches));
  return ExitCode::Done;
}

constexpr std::array kPositionals{
    Positional{.name = "NAME",
               .brief = "A socket option (rcvbuf, SO_RCVBUF), a sysctl (tcp_rmem, net.ipv4.tcp_rmem or its path) or a "
                        "TCP_INFO field (rtt, rtt_us, tcpi_rtt). Without it, all names with one line each."},
};

constexpr std::array kExamples{
    Example{"tcpkit explain", "List every socket option, sysctl and TCP_INFO field."},
    Example{"tcpkit explain rcvbuf", "What SO_RCVBUF does, its default here, and what the kernel makes of a value."},
    Example{"tcpkit explain net.ipv4.tcp_rmem", "What a sysctl governs, and its value now."},
    Example{"tcpkit explain --json keepidle", "The whole row for a program."},
};

}  // namespace

extern const Command kExplain;
const Command kExplain{
    .name = "explain",
    .brief = "Explain a socket option, sysctl or TCP_INFO field, with its values on this host",
    .synopsis = "[NAME]",
    .positionals = kPositionals,
    .flags = {},
    .examples = kExamples,
    .run = run,
};
