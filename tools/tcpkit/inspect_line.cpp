#include "inspect_line.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/sock/unit.hpp>

#include "inspect_words.hpp"
#include "short_reading.hpp"

using namespace tcpkit;

namespace {

constexpr std::size_t kProcessWidth = 20;
constexpr std::size_t kUserWidth = 5;
constexpr std::size_t kStateWidth = 11;    // "established"
constexpr std::size_t kAddressWidth = 21;  // "255.255.255.255:65535"

/// What is said of a socket behind its columns, with commas between.
class Details {
 public:
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    if (!text_.empty()) text_ += ", ";
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }
  void add(std::string_view text) { add("{}", text); }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// All columns are ASCII.
void add_column(std::string_view text, std::size_t width, std::string& line) {
  constexpr std::size_t kGap = 2;
  line.append(text).append(kGap + (text.size() < width ? width - text.size() : 0), ' ');
}

std::string cells(std::size_t first_width, std::string_view first, std::string_view state, std::string_view local,
                  std::string_view peer) {
  std::string line;
  add_column(first, first_width, line);
  add_column(state, kStateWidth, line);
  add_column(local, kAddressWidth, line);
  return line.append(peer);
}

std::string user_text(const SocketEntry& entry) {
  return entry.uid ? fmt::to_string(*entry.uid) : "-";
}

std::string process_text(const Match& match) {
  if (match.holders.empty()) return match.entry.uid ? "user " + user_text(match.entry) : "-";
  const std::string first = holder_text(match.holders.front());
  return match.holders.size() == 1 ? first : fmt::format("{} +{}", first, match.holders.size() - 1);
}

void add_queues(const SocketEntry& entry, Details& details) {
  if (entry.state == SocketState::Listen) {
    details.add("{} of {} to accept", entry.receive_queue, entry.send_queue);
    if (entry.memory && entry.memory->drops > 0) details.add("{} dropped", entry.memory->drops);
    return;
  }
  if (entry.receive_queue > 0) details.add("{} to read", format_bytes(entry.receive_queue));
  if (entry.send_queue > 0) details.add("{} to send", format_bytes(entry.send_queue));
}

void add_path(const SocketEntry& entry, Details& details) {
  static const TcpInfoField& kRtt = tcp_info_field("rtt");
  static const TcpInfoField& kWindow = tcp_info_field("snd_cwnd");
  static const TcpInfoField& kAgain = tcp_info_field("total_retrans");
  if (!entry.info || !is_synchronized(entry.state)) return;
  if (const auto rtt = entry.info->get(kRtt); rtt && *rtt > 0) {
    details.add("rtt {}", format_duration(std::chrono::microseconds(*rtt)));
  }
  if (const auto cwnd = entry.info->get(kWindow)) details.add("cwnd {}", *cwnd);
  if (const auto again = entry.info->get(kAgain); again && *again > 0) details.add("{} retransmitted", *again);
}

void add_numbers(const SocketEntry& entry, Details& details) {
  add_path(entry, details);
  add_queues(entry, details);
  if (entry.timer != SocketTimer::Off && entry.timer != SocketTimer::Keepalive && entry.retries > 0) {
    details.add("{} timer, {} unanswered", timer_name(entry.timer), entry.retries);
  }
  if (is_unaccepted(entry)) details.add("not accepted yet");
  if (entry.mptcp) details.add("mptcp");
  if (entry.ulp) details.add(*entry.ulp == "mptcp" ? "mptcp subflow" : escape(*entry.ulp));
  const std::optional<HeldBack> brake = held_back(entry);
  if (!brake) return;
  const std::string share = brake->percent_of_busy > 0 ? fmt::format(" {} % of busy time", brake->percent_of_busy) : "";
  details.add("held back by {}{}", brake->by, share);
}

void add_chosen(const InspectedSocket& socket, Details& details) {
  const auto& readings = socket.facts ? socket.facts->snapshot.options : socket.options;
  const auto& origins = socket.facts ? socket.facts->origins : socket.origins;
  for (std::size_t at = 0; at < readings.size(); ++at) {
    if (was_chosen(readings[at], origins[at])) details.add(short_reading(readings[at]));
  }
}

void add_holders(const Match& match, Details& details) {
  for (std::size_t at = 1; at < match.holders.size(); ++at) {
    details.add("{}{}", at == 1 ? "also " : "", holder_text(match.holders[at]));
  }
}

void add_findings(const InspectedSocket& socket, Details& details) {
  if (!socket.diagnosis) return;
  for (const Finding& finding : socket.diagnosis->findings) {
    details.add("{} {} ({})", finding.rule->id, finding.rule->name, severity_name(finding.severity));
  }
}

void add_asked(const InspectedSocket& socket, const Selection& only, SysctlValues& sysctls, Details& details) {
  for (const OptionReading& reading : socket.options) {
    if (std::ranges::find(only.options, reading.option) == only.options.end()) continue;
    details.add("{}{}", short_reading(reading), reading.value ? "" : fmt::format(" ({})", reading.reason));
  }
  const std::optional<TcpInfo>& info = socket.match.entry.info;
  for (const TcpInfoField* field : only.fields) {
    const auto number = info ? info->get(*field) : std::nullopt;
    details.add("{} {}", field->name, number ? format_value(*field, *number) : "-");
  }
  for (const Sysctl* row : only.sysctls) {
    const SysctlReading& held = sysctls.get(row->name);
    details.add("{} {}", row->name, held.value ? format_value(*held.value, row->unit) : "-");
  }
}

}  // namespace

std::string list_title(const InspectPlan& plan) {
  const bool processes = plan.looks_at_processes();
  return cells(processes ? kProcessWidth : kUserWidth, processes ? "PROCESS" : "USER", "STATE", "LOCAL", "PEER");
}

std::string socket_cells(const Match& match, const InspectPlan& plan) {
  const SocketEntry& entry = match.entry;
  const bool processes = plan.looks_at_processes();
  return cells(processes ? kProcessWidth : kUserWidth, processes ? process_text(match) : user_text(entry),
               socket_state_name(entry.state), endpoint_text(entry.local), endpoint_text(entry.peer));
}

std::string socket_details(const InspectedSocket& socket, const InspectPlan& plan, std::string_view progress,
                           SysctlValues& sysctls) {
  Details details;
  if (!progress.empty()) details.add(progress);
  if (plan.only) {
    add_asked(socket, *plan.only, sysctls, details);
    return details.take();
  }
  add_numbers(socket.match.entry, details);
  add_chosen(socket, details);
  const bool worth_saying = socket.depth != Depth::Diag && plan.copies && socket.match.entry.inode != 0;
  if (worth_saying && !socket.reason.empty()) details.add("options {}", socket.reason);
  add_holders(socket.match, details);
  add_findings(socket, details);
  return details.take();
}
