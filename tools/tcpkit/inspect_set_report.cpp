#include "inspect_set_report.hpp"

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/proc/foreign_socket.hpp>
#include <tcpkit/report/data.hpp>

#include "error_name.hpp"
#include "event_report.hpp"
#include "inspect_report.hpp"
#include "short_reading.hpp"

using namespace tcpkit;

namespace {

constexpr std::string_view kSchema = "tcpkit.inspect/1";

std::string_view effect_name(Effect effect) {
  switch (effect) {
    case Effect::Exact:
      return "exact";
    case Effect::Adjusted:
      return "adjusted";
    case Effect::Unverified:
      return "unverified";
    case Effect::Changed:
      break;
  }
  return "changed";
}

std::string value_text(const Setting& setting, const std::optional<Value>& value) {
  return value && setting.option != nullptr ? short_value(*setting.option, *value) : "-";
}

std::string why_not(const Change& change) {
  const Error& error = change.result.error();
  return change.copied ? describe(error) : describe_no_copy(error);
}

Data change_data(const Match& match, const Change& change) {
  const bool done = change.result.has_value();
  const LateSetting* late = done ? &*change.result : nullptr;
  DataObject object;
  object.emplace_back("option", change.setting.option ? Data{std::string(change.setting.option->symbol)} : Data{});
  object.emplace_back("name", Data{change.setting.name});
  object.emplace_back("before", done ? to_data(late->before) : Data{});
  object.emplace_back("requested", to_data(change.setting.value));
  object.emplace_back("value", done ? to_data(late->outcome.effective) : Data{});
  object.emplace_back("effect", done ? Data{std::string(effect_name(late->outcome.effect))} : Data{});
  object.emplace_back("why", done ? text_or_null(late->outcome.why) : Data{});
  object.emplace_back("sysctl", done ? text_or_null(late->outcome.sysctl) : Data{});
  object.emplace_back("undo", done ? text_or_null(undo_command(match, *late)) : Data{});
  object.emplace_back("error", done ? Data{} : Data{why_not(change)});
  object.emplace_back("code", done ? Data{} : Data{error_name(change.result.error().code)});
  return {std::move(object)};
}

/// "nginx[812]/6 127.0.0.1:80: keepidle 7200 s -> 60 s", why, and how to undo it.
void add_lines(const Match& match, const Change& change, std::vector<Field>& fields) {
  if (!change.result) return;
  const LateSetting& late = *change.result;
  Field line;
  line.label = fmt::format("{}: {} {} -> {}", socket_text(match), change.setting.name,
                           value_text(change.setting, late.before), value_text(change.setting, late.outcome.effective));
  if (!late.outcome.why.empty()) {
    line.remark = fmt::format("asked {}: {}", value_text(change.setting, change.setting.value), late.outcome.why);
  }
  fields.push_back(std::move(line));
  const std::string undo = undo_command(match, late);
  if (undo.empty() && late.before && late.before == late.outcome.effective) return;  // nothing to undo
  fields.push_back({.label = undo.empty() ? "  the old value cannot be set again" : "  undo: " + undo});
}

}  // namespace

std::string undo_command(const Match& match, const LateSetting& change) {
  if (change.undo.empty() || match.holders.empty()) return {};
  std::string command = selecting_command(match);
  for (const std::string& setting : change.undo) command += fmt::format(" --set '{}'", escape(setting));
  return command;
}

std::string failure_text(const Match& match, const Change& change) {
  return fmt::format("{}: {} was not set: {}", socket_text(match), change.setting.name, why_not(change));
}

Report set_head() {
  return {std::string(kSchema), {}};
}

Report set_report(const Match& match, std::uint64_t netns, std::span<const Change> changes, bool event) {
  std::vector<Field> fields;
  if (event) fields.push_back(hidden("event", {std::string("set")}));
  for (Field& field : identity_fields(match, netns)) fields.push_back(std::move(field));
  DataArray array;
  for (const Change& change : changes) {
    array.push_back(change_data(match, change));
    add_lines(match, change, fields);
  }
  fields.push_back(hidden("changes", {std::move(array)}));
  return {std::string(kSchema), {{.fields = std::move(fields)}}};
}

Report set_totals(std::uint64_t sockets, std::uint64_t done, std::uint64_t failed, bool event) {
  std::vector<Field> fields;
  if (event) fields.push_back(hidden("event", {std::string("summary")}));
  fields.push_back(hidden("count", {sockets}));
  fields.push_back(hidden("changed", {done}));
  fields.push_back(hidden("failed", {failed}));
  return {std::string(kSchema), {{.fields = std::move(fields)}}};
}
