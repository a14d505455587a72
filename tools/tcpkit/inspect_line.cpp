#include "inspect_line.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/sock/unit.hpp>

#include "inspect_words.hpp"
#include "short_reading.hpp"

using namespace tcpkit;

namespace {

constexpr int kProcessWidth = 20;
constexpr int kStateWidth = 11;    // "established"
constexpr int kAddressWidth = 21;  // "255.255.255.255:65535"

using Details = std::vector<std::string>;

std::string cells(std::string_view process, std::string_view state, std::string_view local, std::string_view peer) {
  return fmt::format("{:<{}}  {:<{}}  {:<{}}  {}", process, kProcessWidth, state, kStateWidth, local, kAddressWidth,
                     peer);
}

std::string process_text(const Match& match) {
  if (match.holders.empty()) return match.entry.uid ? fmt::format("user {}", *match.entry.uid) : "-";
  const std::string first = holder_text(match.holders.front());
  return match.holders.size() == 1 ? first : fmt::format("{} +{}", first, match.holders.size() - 1);
}

void add_queues(const SocketEntry& entry, Details& details) {
  if (entry.state == SocketState::Listen) {
    details.push_back(fmt::format("{} of {} to accept", entry.receive_queue, entry.send_queue));
    if (entry.memory && entry.memory->drops > 0) details.push_back(fmt::format("{} dropped", entry.memory->drops));
    return;
  }
  if (entry.receive_queue > 0) details.push_back(fmt::format("{} to read", format_bytes(entry.receive_queue)));
  if (entry.send_queue > 0) details.push_back(fmt::format("{} to send", format_bytes(entry.send_queue)));
}

void add_numbers(const SocketEntry& entry, Details& details) {
  const auto number = [&](std::string_view field) { return entry.info ? entry.info->get(field) : std::nullopt; };
  if (is_synchronized(entry.state)) {
    if (const auto rtt = number("rtt"); rtt && *rtt > 0) {
      details.push_back("rtt " + format_duration(std::chrono::microseconds(*rtt)));
    }
    if (const auto cwnd = number("snd_cwnd")) details.push_back(fmt::format("cwnd {}", *cwnd));
    if (const auto again = number("total_retrans"); again && *again > 0) {
      details.push_back(fmt::format("{} retransmitted", *again));
    }
  }
  add_queues(entry, details);
  if (entry.timer != SocketTimer::Off && entry.timer != SocketTimer::Keepalive && entry.retries > 0) {
    details.push_back(fmt::format("{} timer, {} unanswered", timer_name(entry.timer), entry.retries));
  }
  if (is_unaccepted(entry)) details.emplace_back("not accepted yet");
  if (entry.mptcp) details.emplace_back("mptcp");
  if (entry.ulp) details.push_back(*entry.ulp == "mptcp" ? "mptcp subflow" : escape(*entry.ulp));
  const std::optional<HeldBack> brake = held_back(entry);
  if (!brake) return;
  details.push_back(brake->percent_of_busy > 0
                        ? fmt::format("held back by {} {} % of busy time", brake->by, brake->percent_of_busy)
                        : fmt::format("held back by {}", brake->by));
}

void add_chosen(const InspectedSocket& socket, Details& details) {
  for (const ReadOption& option : socket.options) {
    if (was_chosen(option.reading, option.provenance)) details.push_back(short_reading(option.reading));
  }
  if (!socket.facts) return;
  for (std::size_t row = 0; row < socket.facts->origins.size(); ++row) {
    const OptionReading& reading = socket.facts->snapshot.options[row];
    if (was_chosen(reading, socket.facts->origins[row])) details.push_back(short_reading(reading));
  }
}

void add_holders(const Match& match, Details& details) {
  for (std::size_t at = 1; at < match.holders.size(); ++at) {
    details.push_back((at == 1 ? "also " : "") + holder_text(match.holders[at]));
  }
}

std::string asked_reading(const OptionReading& reading) {
  const std::string text = short_reading(reading);
  return reading.value ? text : fmt::format("{} ({})", text, reading.reason);
}

Details asked_details(const InspectedSocket& socket, const Selection& only, SysctlValues& sysctls) {
  Details details;
  for (const ReadOption& option : socket.options) {
    if (std::ranges::find(only.options, option.reading.option) == only.options.end()) continue;
    details.push_back(asked_reading(option.reading));
  }
  const std::optional<TcpInfo>& info = socket.match.entry.info;
  for (const TcpInfoField* field : only.fields) {
    const auto number = info ? info->get(*field) : std::nullopt;
    details.push_back(fmt::format("{} {}", field->name, number ? format_value(*field, *number) : "-"));
  }
  for (const Sysctl* row : only.sysctls) {
    const SysctlReading& held = sysctls.get(row->name);
    details.push_back(fmt::format("{} {}", row->name, held.value ? format_value(*held.value, row->unit) : "-"));
  }
  return details;
}

}  // namespace

std::string list_title() {
  return cells("PROCESS", "STATE", "LOCAL", "PEER");
}

std::string socket_cells(const InspectedSocket& socket) {
  const SocketEntry& entry = socket.match.entry;
  return cells(process_text(socket.match), socket_state_name(entry.state), endpoint_text(entry.local),
               endpoint_text(entry.peer));
}

Details socket_details(const InspectedSocket& socket, const InspectPlan& plan, SysctlValues& sysctls) {
  if (plan.only) return asked_details(socket, *plan.only, sysctls);
  Details details;
  add_numbers(socket.match.entry, details);
  add_chosen(socket, details);
  const bool worth_saying = socket.depth != Depth::Diag && plan.copies && socket.match.entry.inode != 0;
  if (worth_saying && !socket.reason.empty()) details.push_back("options " + socket.reason);
  add_holders(socket.match, details);
  return details;
}

Field line_field(std::string cells, const std::vector<std::string>& details, int width) {
  const std::string all = fmt::format("{}", fmt::join(details, ", "));
  if (all.empty()) return {.label = std::move(cells)};
  if (cells.size() + 2 + all.size() > static_cast<std::size_t>(width))
    return {.label = std::move(cells), .remark = all};
  return {.label = fmt::format("{}  {}", cells, all)};
}
