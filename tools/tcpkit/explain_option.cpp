#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include <tcpkit/report/data.hpp>
#include <tcpkit/sock/reading.hpp>
#include <tcpkit/sock/unit.hpp>

#include "explain_rows.hpp"
#include "row_field.hpp"
#include "row_words.hpp"

namespace {

using namespace tcpkit;

/// What a socket that nobody has touched says about the option.
OptionReading fresh_reading(const Option& option) {
  const int family = option.applies == Applies::Ipv6 ? AF_INET6 : AF_INET;
  const int scratch = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
  if (scratch < 0) return {&option, std::nullopt, describe(system_error(errno, "no socket to read it from"))};
  OptionReading reading = read_option(scratch, option);
  ::close(scratch);
  return reading;
}

std::string default_remark(const Option& option) {
  if (option.default_sysctl.empty()) return "of a fresh TCP socket";
  const std::string element = option.default_index < 0 ? "" : fmt::format("[{}]", option.default_index);
  return fmt::format("of a fresh TCP socket; from {}{}", option.default_sysctl, element);
}

Field default_field(const Option& option) {
  const OptionReading reading = fresh_reading(option);
  DataObject data{{"value", to_data(reading.value)}, {"reason", text_or_null(reading.reason)}};
  if (!reading.value) return row_field("default", "default", {std::move(data)}, reading.reason);
  Field field = row_field("default", "default", {std::move(data)}, format_value(option, *reading.value));
  field.remark = default_remark(option);
  return field;
}

Field range_field(const Option& option) {
  Data data;
  if (has_range(option)) data = {DataObject{{"min", {option.min}}, {"max", {option.max}}}};
  return row_field("range", "allowed", std::move(data), range_words(option));
}

Field inherit_field(const Option& option) {
  Data data;
  if (option.inherit != Inherit::NotApplicable) data = {option.inherit == Inherit::Yes};
  return row_field("inherited", "accept", std::move(data), std::string(inherit_words(option.inherit)));
}

Data sysctl_data(const SysctlReading& reading) {
  return {DataObject{{"value", to_data(reading.value)},
                     {"reason", text_or_null(reading.reason)},
                     {"scope", {std::string(scope_name(reading.sysctl->scope))}}}};
}

std::string sysctl_text(const SysctlReading& reading) {
  const std::string value = reading.value ? format_value(*reading.value, reading.sysctl->unit) : reading.reason;
  return fmt::format("{} = {}, {}", reading.sysctl->name, value, scope_name(reading.sysctl->scope));
}

/// One line for each sysctl that bears on the option, and all of them as one object.
void add_sysctls(std::vector<Field>& fields, const Option& option) {
  DataObject all;
  std::vector<Field> lines;
  for (const std::string_view name : governing_sysctls(option)) {
    const Sysctl* sysctl = find_sysctl(name);
    if (!sysctl) continue;
    const SysctlReading reading = read_sysctl(*sysctl);
    all.emplace_back(std::string(sysctl->name), sysctl_data(reading));
    lines.push_back(text_line(lines.empty() ? "sysctls" : "", sysctl_text(reading)));
  }
  fields.push_back(row_field("sysctls", {}, {std::move(all)}, {}));
  fields.insert(fields.end(), lines.begin(), lines.end());
}

}  // namespace

std::vector<Section> explain_row(const Option& option) {
  Section section{.title = fmt::format("{} ({})", option.name, option.symbol)};
  std::vector<Field>& fields = section.fields;
  fields.push_back(row_text("name", {}, option.name));
  fields.push_back(row_text("symbol", {}, option.symbol));
  fields.push_back(row_prose("brief", option.brief));
  fields.push_back(row_field("level", {}, {level_name(option.level)}, {}));
  fields.push_back(row_field("number", {}, {std::int64_t{option.number}}, {}));
  fields.push_back(text_line("where", fmt::format("{}, number {}", level_name(option.level), option.number)));
  fields.push_back(row_term("kind", "kind", kind_term(option.kind)));
  fields.push_back(row_text("unit", "unit", unit_name(option.unit)));
  fields.push_back(row_term("access", "access", access_term(option.access)));
  fields.push_back(row_term("nature", "nature", nature_term(option.nature)));
  fields.push_back(row_term("applies", "applies to", applies_term(option.applies)));
  fields.push_back(range_field(option));
  fields.push_back(row_field("names", {}, to_data(option.names), {}));
  fields.push_back(row_field("special", "special", to_data(option.special), special_words(option.special)));
  fields.push_back(default_field(option));
  fields.push_back(row_term("when", "set it", phase_term(option)));
  fields.push_back(inherit_field(option));
  fields.push_back(row_text("capability", "needs", option.needs));
  add_sysctls(fields, option);
  fields.push_back(row_text("since", "since Linux", option.since));
  fields.push_back(row_text("source", "source", option.source));
  return {std::move(section),
          {.title = "What the kernel does with it", .fields = {row_prose("detail", option.detail)}}};
}
