#include "report/limits_section.hpp"

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/report/data.hpp>

namespace tcpkit {
namespace {

Data milliseconds_data(Milliseconds time) {
  return {static_cast<std::int64_t>(time.count())};
}

std::string rate_text(std::optional<std::uint64_t> bytes_per_s) {
  constexpr std::uint64_t kBitsPerByte = 8;
  if (!bytes_per_s) return "-";
  if (*bytes_per_s > UINT64_MAX / kBitsPerByte) return fmt::format("{} bytes/s", *bytes_per_s);
  return format_bit_rate(*bytes_per_s * kBitsPerByte);
}

std::string sysctl_text(SysctlValues& sysctls, std::string_view name) {
  const auto number = sysctls.number(name);
  return fmt::format("{} = {}", name, number ? fmt::to_string(*number) : sysctls.get(name).reason);
}

Field hidden(std::string_view key, Data data) {
  return {std::string(key), std::move(data), "", "", "", Show::Never};
}

Field rtt_field(const Limits& limits) {
  const std::string text =
      limits.rtt_us ? format_duration(std::chrono::microseconds(static_cast<std::int64_t>(*limits.rtt_us))) : "-";
  return {"rtt_us", number_or_null(limits.rtt_us), "round-trip time", text, "the least measured so far", Show::Always};
}

std::string cap_text(const Throughput& direction) {
  if (!direction.window_cap_bytes) return {};
  return fmt::format("; {} once grown to {}", rate_text(direction.max_bytes_per_s_cap),
                     format_bytes(*direction.window_cap_bytes));
}

Field window_field(std::string_view key, std::string_view label, const Throughput& direction) {
  const std::string text = direction.window_bytes ? format_bytes(*direction.window_bytes) : "-";
  const std::string rates = fmt::format("at most {}{}", rate_text(direction.max_bytes_per_s), cap_text(direction));
  return {std::string(key), number_or_null(direction.window_bytes), std::string(label), text, rates, Show::Always};
}

void add_throughput(Section& section, const Limits& limits) {
  section.fields.push_back(window_field("window_bytes", "receive window", limits.receive));
  section.fields.push_back(hidden("max_bytes_per_s", number_or_null(limits.receive.max_bytes_per_s)));
  section.fields.push_back(hidden("window_cap_bytes", number_or_null(limits.receive.window_cap_bytes)));
  section.fields.push_back(hidden("max_bytes_per_s_cap", number_or_null(limits.receive.max_bytes_per_s_cap)));
  section.fields.push_back(window_field("send_window_bytes", "send window", limits.send));
  section.fields.push_back(hidden("send_max_bytes_per_s", number_or_null(limits.send.max_bytes_per_s)));
  section.fields.push_back(hidden("send_window_cap_bytes", number_or_null(limits.send.window_cap_bytes)));
  section.fields.push_back(hidden("send_max_bytes_per_s_cap", number_or_null(limits.send.max_bytes_per_s_cap)));
}

std::string need_remark(const BandwidthNeed& need, SysctlValues& sysctls) {
  const auto cap = sysctls.number("net.ipv4.tcp_rmem", 2);
  if (!cap) return "net.ipv4.tcp_rmem[2] is unreadable";
  const bool enough = static_cast<std::uint64_t>(*cap) >= need.buffer_bytes;
  const std::string scale = need.window_scale > 0 ? fmt::format("; window scale {} or more", need.window_scale) : "";
  return fmt::format("net.ipv4.tcp_rmem[2] = {}{}{}", *cap, enough ? " allows it" : " is too small for it", scale);
}

void add_bandwidth_need(Section& section, const Limits& limits, SysctlValues& sysctls, std::uint64_t bits_per_s) {
  section.fields.push_back(hidden("bandwidth_bits_per_s", Data{bits_per_s}));
  if (!limits.rtt_us) {
    section.fields.push_back(hidden("buffer_needed_bytes", Data{}));
    return;
  }
  const BandwidthNeed need = bandwidth_need(bits_per_s, *limits.rtt_us);
  section.fields.push_back(hidden("window_needed_bytes", Data{need.window_bytes}));
  section.fields.push_back(hidden("window_scale_needed", Data{std::int64_t{need.window_scale}}));
  section.fields.push_back({"buffer_needed_bytes", Data{need.buffer_bytes},
                            fmt::format("buffer for {}", format_bit_rate(bits_per_s)), format_bytes(need.buffer_bytes),
                            need_remark(need, sysctls), Show::Always});
}

bool holds_sysctl(const ConnectionFacts& facts, std::string_view symbol) {
  for (std::size_t row = 0; row < facts.origins.size() && row < facts.snapshot.options.size(); ++row) {
    if (facts.snapshot.options[row].option->symbol == symbol) return facts.origins[row].origin == Origin::Sysctl;
  }
  return false;
}

std::string why_connect_timeout(const ConnectionFacts& facts, SysctlValues& sysctls) {
  const Snapshot& snapshot = facts.snapshot;
  const auto retries = number(snapshot, "TCP_SYNCNT");
  std::string why = retries && !holds_sysctl(facts, "TCP_SYNCNT") ? fmt::format("TCP_SYNCNT = {}", *retries)
                                                                  : sysctl_text(sysctls, "net.ipv4.tcp_syn_retries");
  if (sysctls.number("net.ipv4.tcp_syn_linear_timeouts")) {
    why += ", " + sysctl_text(sysctls, "net.ipv4.tcp_syn_linear_timeouts");
  }
  const auto user_timeout = number(snapshot, "TCP_USER_TIMEOUT").value_or(0);
  if (user_timeout != 0) why += fmt::format(", TCP_USER_TIMEOUT = {} ms", user_timeout);
  return why;
}

std::string why_idle(const Snapshot& snapshot) {
  if (number(snapshot, "SO_KEEPALIVE").value_or(0) == 0) return "SO_KEEPALIVE is off";
  const auto value = [&](std::string_view symbol) { return number(snapshot, symbol).value_or(0); };
  if (value("TCP_USER_TIMEOUT") != 0) {
    return fmt::format("first keepalive probe after TCP_USER_TIMEOUT = {} ms; TCP_KEEPCNT is not used",
                       value("TCP_USER_TIMEOUT"));
  }
  return fmt::format("keepidle {} s + keepcnt {} x keepintvl {} s", value("TCP_KEEPIDLE"), value("TCP_KEEPCNT"),
                     value("TCP_KEEPINTVL"));
}

std::string why_in_flight(const Snapshot& snapshot, SysctlValues& sysctls) {
  const auto user_timeout = number(snapshot, "TCP_USER_TIMEOUT").value_or(0);
  if (user_timeout != 0) return fmt::format("first retransmission + TCP_USER_TIMEOUT = {} ms", user_timeout);
  return sysctl_text(sysctls, "net.ipv4.tcp_retries2");
}

Field time_field(std::string_view key, std::string_view label, const TimeLimit& limit, std::string_view never,
                 std::string_view why) {
  Field field{std::string(key), limit.time ? milliseconds_data(*limit.time) : Data{}, std::string(label), "", "",
              Show::Always};
  const bool known = limit.unknown.empty();
  field.text = limit.time ? format_duration(*limit.time) : std::string(known ? never : "-");
  field.remark = known ? why : limit.unknown;
  return field;
}

/// null means never where nothing is named here, and unknown where it is.
std::string unknown_times(const Limits& limits) {
  std::string unknown;
  const auto add = [&](std::string_view key, const TimeLimit& limit) {
    if (!limit.unknown.empty()) unknown += fmt::format("{}{}: {}", unknown.empty() ? "" : "; ", key, limit.unknown);
  };
  add("connect_timeout_ms", limits.connect_timeout);
  add("dead_peer_idle_ms", limits.dead_peer_idle);
  add("dead_peer_in_flight_ms", limits.dead_peer_in_flight);
  return unknown;
}

void add_timeouts(Section& section, const ConnectionFacts& facts, SysctlValues& sysctls) {
  const Limits& limits = facts.limits;
  section.fields.push_back(time_field("connect_timeout_ms", "connect gives up", limits.connect_timeout, "never",
                                      why_connect_timeout(facts, sysctls)));
  section.fields.push_back(time_field("dead_peer_idle_ms", "dead peer, idle", limits.dead_peer_idle, "never noticed",
                                      why_idle(facts.snapshot)));
  section.fields.push_back(time_field("dead_peer_in_flight_ms", "dead peer, data sent", limits.dead_peer_in_flight,
                                      "never", why_in_flight(facts.snapshot, sysctls)));
  section.fields.push_back(hidden("reason", text_or_null(unknown_times(limits))));
}

}  // namespace

Section limits_section(const ConnectionFacts& facts, SysctlValues& sysctls,
                       std::optional<std::uint64_t> bandwidth_bps) {
  Section section{"limits", "Limits", {}};
  section.fields.push_back(rtt_field(facts.limits));
  add_throughput(section, facts.limits);
  if (bandwidth_bps) add_bandwidth_need(section, facts.limits, sysctls, *bandwidth_bps);
  add_timeouts(section, facts, sysctls);
  return section;
}

}  // namespace tcpkit
