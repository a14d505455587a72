#include "inspect_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/report/data.hpp>
#include <tcpkit/report/findings.hpp>

#include "event_report.hpp"
#include "inspect_line.hpp"
#include "inspect_listener.hpp"
#include "inspect_words.hpp"
#include "tcp_info_report.hpp"

using namespace tcpkit;

namespace {

constexpr std::string_view kSchema = "tcpkit.inspect/1";

Data endpoint_data(const Endpoint& endpoint) {
  return endpoint.size() > 0 ? Data{endpoint.text()} : Data{};
}

template <class Number>
Data optional_number(const std::optional<Number>& number) {
  return number ? Data{std::uint64_t{*number}} : Data{};
}

Data holder_data(const SocketHolder& holder) {
  return {DataObject{{"pid", {holder.pid}}, {"command", {holder.command}}, {"fd", {std::int64_t{holder.fd}}}}};
}

Data holders_data(const Match& match) {
  DataArray array;
  for (const SocketHolder& holder : match.holders) array.push_back(holder_data(holder));
  return {std::move(array)};
}

Data memory_data(const std::optional<SocketMemory>& memory) {
  if (!memory) return {};
  const auto number = [](std::uint32_t bytes) { return Data{std::uint64_t{bytes}}; };
  return {DataObject{{"receive_allocated", number(memory->receive_allocated)},
                     {"receive_buffer", number(memory->receive_buffer)},
                     {"send_allocated", number(memory->send_allocated)},
                     {"send_buffer", number(memory->send_buffer)},
                     {"forward_allocated", number(memory->forward_allocated)},
                     {"send_queued", number(memory->send_queued)},
                     {"option_memory", number(memory->option_memory)},
                     {"backlog", number(memory->backlog)},
                     {"drops", number(memory->drops)}}};
}

Data timer_data(const SocketEntry& entry) {
  if (entry.timer == SocketTimer::Off) return {};
  return {DataObject{{"name", {std::string(timer_name(entry.timer))}},
                     {"expires_ms", {std::uint64_t{entry.timer_ms}}},
                     {"unanswered", {std::uint64_t{entry.retries}}}}};
}

Data queues_data(const InspectedSocket& socket) {
  const SocketEntry& entry = socket.match.entry;
  if (entry.state == SocketState::Listen) return accept_queue_data(socket);
  return {DataObject{{"recv", {std::uint64_t{entry.receive_queue}}}, {"send", {std::uint64_t{entry.send_queue}}}}};
}

void add_state(const InspectedSocket& socket, std::vector<Field>& fields) {
  const SocketEntry& entry = socket.match.entry;
  const std::optional<HeldBack> brake = held_back(entry);
  fields.push_back(hidden("mptcp", {entry.mptcp}));
  fields.push_back(hidden("ulp", text_or_null(entry.ulp.value_or(""))));
  fields.push_back(hidden("queues", queues_data(socket)));
  fields.push_back(hidden("timer", timer_data(entry)));
  fields.push_back(hidden("memory", memory_data(entry.memory)));
  fields.push_back(hidden("congestion", text_or_null(entry.congestion.value_or(""))));
  fields.push_back(hidden("limiter", brake ? Data{std::string(brake->by)} : Data{}));
  fields.push_back(hidden("interface", optional_number(entry.interface)));
  fields.push_back(hidden("tos", optional_number(entry.tos)));
  fields.push_back(hidden("traffic_class", optional_number(entry.traffic_class)));
  fields.push_back(hidden("mark", optional_number(entry.mark)));
  fields.push_back(hidden("v6only", entry.v6only ? Data{*entry.v6only} : Data{}));
  fields.push_back(hidden("reason", text_or_null(socket.reason)));
}

bool is_shown(const InspectPlan& plan, const Option* option) {
  return !plan.only || std::ranges::find(plan.only->options, option) != plan.only->options.end();
}

Data options_data(const InspectedSocket& socket, const InspectPlan& plan) {
  DataObject object;
  object.reserve(socket.options.size());
  for (std::size_t at = 0; at < socket.options.size(); ++at) {
    const OptionReading& reading = socket.options[at];
    if (!is_shown(plan, reading.option)) continue;
    object.emplace_back(reading.option->symbol, option_data(reading, socket.origins[at], std::nullopt));
  }
  return {std::move(object)};
}

Data info_data(const std::optional<TcpInfo>& info, const InspectPlan& plan) {
  if (!info) return {};
  if (!plan.only) return tcp_info_data(*info);
  DataObject object;
  for (const TcpInfoField* field : plan.only->fields)
    object.emplace_back(field->key, number_or_null(info->get(*field)));
  return {std::move(object)};
}

/// In a list sysctls are told where they were asked for.
void add_sysctls(const InspectPlan& plan, SysctlValues& sysctls, std::vector<Field>& fields) {
  if (!plan.only || plan.only->sysctls.empty()) return;
  DataObject object;
  for (const Sysctl* row : plan.only->sysctls) {
    const SysctlReading& held = sysctls.get(row->name);
    object.emplace_back(row->name, Data{DataObject{{"value", to_data(held.value)},
                                                   {"scope", {std::string(scope_name(row->scope))}},
                                                   {"reason", text_or_null(held.reason)}}});
  }
  fields.push_back(hidden("sysctls", {std::move(object)}));
}

Field shown(std::string_view label, std::string text, std::string remark = {}) {
  return {.label = std::string(label), .text = std::move(text), .remark = std::move(remark)};
}

std::string memory_text(const SocketMemory& memory) {
  return fmt::format("{} of {} for receiving, {} of {} for sending", format_bytes(memory.receive_allocated),
                     format_bytes(memory.receive_buffer), format_bytes(memory.send_allocated),
                     format_bytes(memory.send_buffer));
}

void add_queue_rows(const InspectedSocket& socket, std::vector<Field>& fields) {
  const SocketEntry& entry = socket.match.entry;
  if (entry.state != SocketState::Listen) {
    fields.push_back(shown("to read", format_bytes(entry.receive_queue)));
    fields.push_back(shown("to send", format_bytes(entry.send_queue), "or not acknowledged yet"));
  }
  if (entry.memory) fields.push_back(shown("memory", "", memory_text(*entry.memory)));
  if (entry.timer != SocketTimer::Off) {
    const std::string unanswered = entry.retries > 0 ? fmt::format(", {} unanswered", entry.retries) : "";
    fields.push_back(
        shown("timer", std::string(timer_name(entry.timer)),
              fmt::format("in {}{}", format_duration(std::chrono::milliseconds(entry.timer_ms)), unanswered)));
  }
  const std::optional<HeldBack> brake = held_back(entry);
  if (!brake) return;
  const std::string share = brake->percent_of_busy > 0
                                ? fmt::format("{} % of the time with data to send", brake->percent_of_busy)
                                : "it is full";
  fields.push_back(shown("held back by", std::string(brake->by), share));
}

/// What is known of it besides what a connection of our own would show.
std::vector<Field> identity_rows(const InspectedSocket& socket) {
  const SocketEntry& entry = socket.match.entry;
  std::vector<Field> rows;
  for (const SocketHolder& holder : socket.match.holders) rows.push_back(shown("process", holder_text(holder)));
  if (rows.empty()) rows.push_back(shown("process", "-", socket.reason));
  if (entry.uid) rows.push_back(shown("user", fmt::to_string(*entry.uid), "who made the socket"));
  rows.push_back(shown("state", socket_state_name(entry.state), entry.mptcp ? "multipath TCP" : ""));
  add_queue_rows(socket, rows);
  if (!socket.reason.empty() && !socket.match.holders.empty()) rows.push_back(shown("options", "-", socket.reason));
  return rows;
}

/// Of a socket that has no connection nothing was negotiated, and no limits follow.
void drop_connection_sections(std::vector<Section>& sections) {
  std::erase_if(sections,
                [](const Section& section) { return section.key == "negotiated" || section.key == "limits"; });
}

}  // namespace

std::vector<Field> identity_fields(const Match& match, std::uint64_t netns) {
  const SocketEntry& entry = match.entry;
  const bool held = !match.holders.empty();
  return {hidden("pid", held ? Data{match.holders.front().pid} : Data{}),
          hidden("command", held ? Data{match.holders.front().command} : Data{}),
          hidden("fd", held ? Data{std::int64_t{match.holders.front().fd}} : Data{}),
          hidden("holders", holders_data(match)),
          hidden("inode", {entry.inode}),
          hidden("cookie", {entry.cookie}),
          hidden("uid", optional_number(entry.uid)),
          hidden("netns", {netns}),
          hidden("state", {socket_state_name(entry.state)}),
          hidden("local", endpoint_data(entry.local)),
          hidden("peer", entry.state == SocketState::Listen ? Data{} : endpoint_data(entry.peer))};
}

std::vector<Field> socket_fields(const InspectedSocket& socket, const InspectPlan& plan, SysctlValues& sysctls) {
  std::vector<Field> fields = identity_fields(socket.match, socket.netns);
  add_state(socket, fields);
  if (socket.facts) return fields;
  const std::optional<TcpInfo>& info = socket.match.entry.info;
  fields.push_back(hidden("options", options_data(socket, plan)));
  add_sysctls(plan, sysctls, fields);
  fields.push_back(hidden("tcp_info", info_data(info, plan)));
  fields.push_back(
      hidden("tcp_info_reason", info ? Data{} : Data{"absent: the kernel keeps none for a socket in this state"}));
  if (plan.only) return fields;
  fields.push_back(hidden("findings", socket.diagnosis ? findings_data(*socket.diagnosis) : Data{}));
  fields.push_back(hidden("findings_not_checked", socket.diagnosis ? not_checked_data(*socket.diagnosis) : Data{}));
  return fields;
}

Report full_report(const InspectedSocket& socket, const InspectPlan& plan, SysctlValues& sysctls, bool complete) {
  const bool listening = socket.match.entry.state == SocketState::Listen;
  std::vector<Section> sections = describe_connection(
      *socket.facts, sysctls,
      {.only = plan.only, .complete = complete || plan.all, .bandwidth_bps = plan.diagnosis.expected.bandwidth_bps});
  if (!is_synchronized(socket.match.entry.state)) drop_connection_sections(sections);
  Section& head = sections.front();
  head.title = listening ? "Listener" : "Connection";
  if (listening) head.fields.pop_back();  // it has no peer
  for (Field& row : identity_rows(socket)) head.fields.push_back(std::move(row));
  if (listening) {
    for (Field& row : listener_rows(socket)) head.fields.push_back(std::move(row));
  }
  Report report{std::string(kSchema), {{"", "", socket_fields(socket, plan, sysctls)}}};
  for (Section& section : sections) report.sections.push_back(std::move(section));
  return report;
}

Report totals_report(const InspectTotals& totals) {
  DataArray unreadable;
  for (const UnreadableProcess& process : totals.unreadable) {
    unreadable.push_back({DataObject{
        {"pid", {process.pid}}, {"command", {process.command}}, {"reason", {process.error.code.message()}}}});
  }
  return {std::string(kSchema),
          {{.fields = {hidden("count", {totals.sockets}), hidden("not_permitted", {totals.not_permitted}),
                       hidden("namespaces_not_entered", {totals.not_entered}),
                       hidden("incomplete", {totals.incomplete}), hidden("mptcp_listed", {!totals.mptcp_missing}),
                       hidden("unreadable_processes", {std::move(unreadable)})}}}};
}
