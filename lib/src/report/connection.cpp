#include <tcpkit/report/connection.hpp>

#include <algorithm>
#include <array>
#include <iterator>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/report/data.hpp>
#include <tcpkit/report/findings.hpp>
#include <tcpkit/sock/unit.hpp>

#include "report/limits_section.hpp"

namespace tcpkit {
namespace {

/// Those that govern the buffers and the window of every connection: always shown.
constexpr std::array<std::string_view, 5> kAlwaysShown = {"net.core.rmem_max", "net.core.wmem_max", "net.ipv4.tcp_rmem",
                                                          "net.ipv4.tcp_wmem", "net.ipv4.tcp_window_scaling"};

template <class Row>
bool picked(const std::vector<const Row*>& rows, const Row& row) {
  return std::ranges::find(rows, &row) != rows.end();
}

/// "requested; asked 16 MiB: ...", "sysctl net.ipv4.tcp_rmem ...". What is known of an unknown origin says enough
/// alone.
std::string joined(const Provenance& provenance) {
  const std::string_view origin = origin_name(provenance.origin);
  if (provenance.note.empty()) return std::string(origin);
  if (provenance.origin == Origin::Unknown) return provenance.note;
  return fmt::format("{}{} {}", origin, provenance.origin == Origin::Sysctl ? "" : ";", provenance.note);
}

const Outcome* find_outcome(const ConnectionFacts& facts, const Option& option) {
  const auto last = std::find_if(facts.outcomes.rbegin(), facts.outcomes.rend(),
                                 [&](const Outcome& outcome) { return outcome.setting.option == &option; });
  return last == facts.outcomes.rend() ? nullptr : &*last;
}

bool stands_out(const OptionReading& reading, const Provenance& provenance) {
  if (provenance.origin == Origin::Requested) return true;
  if (reading.option->headline) return true;
  return reading.value.has_value() && provenance.origin == Origin::Unknown;
}

Field option_field(const ConnectionFacts& facts, std::size_t row, const ConnectionView& view) {
  const OptionReading& reading = facts.snapshot.options[row];
  const Provenance& provenance = facts.origins[row];
  Field field;
  field.key = std::string(reading.option->symbol);
  field.label = std::string(reading.option->name);
  const Outcome* outcome = find_outcome(facts, *reading.option);
  const std::optional<Value> shown = reading.value || outcome == nullptr ? reading.value : outcome->setting.value;
  field.text = shown ? format_value(*reading.option, *shown) : "-";
  field.remark = reading.value ? joined(provenance) : reading.reason;
  if (!reading.value && outcome != nullptr) field.remark = "requested; not read back: " + reading.reason;
  field.data = option_data(reading, provenance, outcome ? std::optional(outcome->setting.value) : std::nullopt);
  field.show = view.only || stands_out(reading, provenance) ? Show::Always : Show::All;
  return field;
}

/// A raw number that is no integer option of the catalogue has no row to stand in.
Field raw_field(const Outcome& outcome) {
  const std::string asked = format_value(outcome.setting.value, Unit::None);
  return {outcome.setting.name,
          Data{DataObject{{"requested", to_data(outcome.setting.value)}}},
          outcome.setting.name,
          asked,
          "requested; a raw number, not read back",
          Show::Always};
}

bool wanted(const OptionReading& reading, const Provenance& provenance, const ConnectionView& view) {
  if (view.only) return picked(view.only->options, *reading.option);
  return view.complete || stands_out(reading, provenance);
}

Section options_section(const ConnectionFacts& facts, const ConnectionView& view) {
  Section section{"options", "Socket options", {}};
  for (std::size_t row = 0; row < facts.snapshot.options.size(); ++row) {
    if (!wanted(facts.snapshot.options[row], facts.origins[row], view)) continue;
    section.fields.push_back(option_field(facts, row, view));
  }
  return section;
}

Section raw_section(const ConnectionFacts& facts) {
  Section section{"raw_options", "Raw socket options", {}};
  for (const Outcome& outcome : facts.outcomes) {
    if (outcome.setting.option == nullptr) section.fields.push_back(raw_field(outcome));
  }
  return section;
}

Field info_field(const Snapshot& snapshot, const TcpInfoField& row, const ConnectionView& view) {
  const auto number = snapshot.info ? snapshot.info->get(row) : std::nullopt;
  const std::string reason = snapshot.info ? "absent: this kernel does not return it" : snapshot.info_reason;
  return {std::string(row.key),
          number_or_null(number),
          std::string(row.name),
          number ? format_value(row, *number) : "-",
          number ? std::string(row.brief) : reason,
          view.only ? Show::Always : Show::All};
}

Section info_section(const ConnectionFacts& facts, const ConnectionView& view) {
  Section section{"tcp_info", "TCP_INFO", {}};
  for (const TcpInfoField& row : tcp_info_fields()) {
    const bool wanted = view.only ? picked(view.only->fields, row) : view.complete;
    if (wanted) section.fields.push_back(info_field(facts.snapshot, row, view));
  }
  return section;
}

bool wanted(const Sysctl& row, const ConnectionView& view) {
  if (view.only) return picked(view.only->sysctls, row);
  return view.complete || std::ranges::find(kAlwaysShown, row.name) != kAlwaysShown.end();
}

Field sysctl_field(const Sysctl& row, const SysctlReading& reading, const ConnectionView& view) {
  DataObject object;
  object.emplace_back("value", to_data(reading.value));
  object.emplace_back("scope", Data{std::string(scope_name(row.scope))});
  object.emplace_back("reason", text_or_null(reading.reason));
  const bool always = view.only || std::ranges::find(kAlwaysShown, row.name) != kAlwaysShown.end();
  return {std::string(row.name),
          Data{std::move(object)},
          std::string(row.name),
          reading.value ? format_value(*reading.value, row.unit) : "-",
          reading.value ? std::string(view.complete ? row.governs : "") : reading.reason,
          always ? Show::Always : Show::All};
}

Section sysctl_section(SysctlValues& sysctl_values, const ConnectionView& view) {
  Section section{"sysctls", "Sysctls", {}};
  for (const Sysctl& row : sysctls()) {
    if (wanted(row, view)) section.fields.push_back(sysctl_field(row, sysctl_values.get(row.name), view));
  }
  return section;
}

Section negotiated_section(const ConnectionFacts& facts) {
  Section section{"negotiated", "Negotiated", {}};
  for (const NegotiatedFact& fact : facts.negotiated) {
    section.fields.push_back({std::string(fact.key), to_data(fact.value), std::string(fact.label),
                              fact.value ? format_value(*fact.value, fact.unit) : "-", fact.note, Show::Always});
  }
  return section;
}

Section endpoints_section(const ConnectionFacts& facts) {
  const std::string local = facts.snapshot.local.text();
  const std::string peer = facts.snapshot.peer.text();
  const std::string family = family_name(facts.snapshot.peer.family());
  return {"",
          "Connection",
          {{"local", Data{local}, "local", local, "", Show::Always},
           {"peer", facts.snapshot.peer.size() > 0 ? Data{peer} : Data{}, "peer", peer, family, Show::Always}}};
}

/// Facts for machine formats that stand beside the sections.
Section closing_section(const ConnectionFacts& facts) {
  return {"", "", {{"tcp_info_reason", text_or_null(facts.snapshot.info_reason), "", "", "", Show::Never}}};
}

}  // namespace

Result<ConnectionFacts> gather_facts(int socket, std::span<const Setting> settings, SysctlValues& sysctls) {
  ConnectionFacts facts;
  facts.snapshot = take_snapshot(socket);
  if (settings.empty()) {
    facts.origins = trace(facts.snapshot, &facts.snapshot, {}, sysctls);  // it is an untouched socket itself
  } else {
    const Result<HostFacts> host = find_host_facts();
    if (!host) return host.error();
    const Result<Snapshot> untouched = default_snapshot(facts.snapshot.local.family());
    facts.outcomes = judge(settings, facts.snapshot, *host, sysctls);
    facts.origins = trace(facts.snapshot, untouched ? &*untouched : nullptr, facts.outcomes, sysctls);
  }
  facts.negotiated = negotiated(facts.snapshot, sysctls);
  facts.limits = find_limits(facts.snapshot, sysctls);
  return facts;
}

ConnectionFacts gather_foreign_facts(Snapshot snapshot, std::vector<Provenance> origins, SysctlValues& sysctls) {
  ConnectionFacts facts;
  facts.snapshot = std::move(snapshot);
  facts.origins = std::move(origins);
  facts.negotiated = negotiated(facts.snapshot, sysctls);
  facts.limits = find_limits(facts.snapshot, sysctls);
  return facts;
}

std::vector<Section> describe_connection(const ConnectionFacts& facts, SysctlValues& sysctls,
                                         const ConnectionView& view) {
  std::vector<Section> sections = {endpoints_section(facts)};
  if (!view.only) sections.push_back(negotiated_section(facts));
  sections.push_back(options_section(facts, view));
  if (!view.only) sections.push_back(raw_section(facts));
  if (!view.only) sections.push_back(limits_section(facts, sysctls, view.bandwidth_bps));
  sections.push_back(sysctl_section(sysctls, view));
  sections.push_back(info_section(facts, view));
  sections.push_back(closing_section(facts));
  if (!view.only) std::ranges::move(describe_findings(facts.diagnosis), std::back_inserter(sections));
  return sections;
}

Data option_data(const OptionReading& reading, const Provenance& provenance, const std::optional<Value>& requested) {
  constexpr std::size_t kMembers = 8;
  DataObject object;
  object.reserve(kMembers);
  object.emplace_back("name", Data{std::string(reading.option->name)});
  object.emplace_back("value", to_data(reading.value));
  object.emplace_back("unit", text_or_null(unit_name(reading.option->unit)));
  object.emplace_back("requested", to_data(requested));
  object.emplace_back("origin", Data{std::string(origin_name(provenance.origin))});
  object.emplace_back("sysctl", text_or_null(provenance.sysctl));
  object.emplace_back("note", text_or_null(provenance.note));
  object.emplace_back("reason", text_or_null(reading.reason));
  return {std::move(object)};
}

std::string describe_outcome(const Outcome& outcome) {
  const Setting& setting = outcome.setting;
  const auto shown = [&](const Value& value) {
    return setting.option != nullptr ? format_value(*setting.option, value) : format_value(value, Unit::None);
  };
  const std::string got = outcome.effective ? ", got " + shown(*outcome.effective) : "";
  const std::string why = outcome.why.empty() ? "" : ": " + outcome.why;
  return fmt::format("{}: asked {}{}{}", setting.name, shown(setting.value), got, why);
}

}  // namespace tcpkit
