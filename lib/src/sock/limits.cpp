#include <tcpkit/sock/limits.hpp>

#include <algorithm>
#include <bit>
#include <initializer_list>

#include <fmt/format.h>

#include "sock/snapshot_facts.hpp"

namespace tcpkit {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

constexpr Milliseconds kInitialRto{1'000};        // RFC 6298 2.1, TCP_TIMEOUT_INIT
constexpr Milliseconds kModelBase{200};           // tcp_model_timeout() starts from TCP_RTO_MIN whatever the RTO is
constexpr Milliseconds kTimerLateness{4};         // a tick at HZ=250: a timer fires at the first one after its time
constexpr std::uint64_t kUnscaledWindow = 65535;  // RFC 9293 3.1
constexpr int kMaxWindowScale = 14;               // RFC 7323 2.3

/// net/ipv4/tcp_timer.c, tcp_model_timeout(): doubling from `base` until rto_max, then rto_max a step.
Milliseconds model_timeout(int retries, Milliseconds base, Milliseconds rto_max) {
  const auto ratio = static_cast<std::uint64_t>(std::max<std::int64_t>(rto_max / base, 1));
  const int doublings = static_cast<int>(std::bit_width(ratio)) - 1;
  const int doubled = std::min(retries, doublings);
  return base * ((std::int64_t{2} << doubled) - 1) + rto_max * std::max(0, retries - doublings);
}

std::optional<Milliseconds> positive_ms(std::optional<std::int64_t> number) {
  if (!number || *number <= 0) return std::nullopt;
  return Milliseconds(*number);
}

/// The most that the handshake lets a window be; nothing when the kernel does not tell what was agreed.
std::optional<std::uint64_t> greatest_window(const Snapshot& snapshot, std::string_view scale_field) {
  const auto agreed = info_number(snapshot, "options");
  const auto scale = info_number(snapshot, scale_field);
  if (!agreed || !scale) return std::nullopt;
  if ((*agreed & kScalingAgreed) == 0) return kUnscaledWindow;
  return kUnscaledWindow << std::min<std::uint64_t>(*scale, kMaxWindowScale);
}

/// Of a buffer, half is window at the start; the kernel measures the real share later (scaling_ratio since 6.6).
std::optional<std::uint64_t> half(std::optional<std::int64_t> bytes) {
  if (!bytes || *bytes < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*bytes) / 2;
}

std::optional<std::uint64_t> smaller(std::optional<std::uint64_t> a, std::optional<std::uint64_t> b) {
  return a && b ? std::optional(std::min(*a, *b)) : std::nullopt;
}

/// What does not fit stays at the greatest number there is.
std::uint64_t saturated(long double number) {
  constexpr long double kBeyond = 18'446'744'073'709'551'616.0L;  // 2^64
  return number < kBeyond ? static_cast<std::uint64_t>(number) : UINT64_MAX;
}

void add_rates(Throughput& direction, std::optional<std::uint64_t> rtt_us) {
  if (!rtt_us) return;
  if (direction.window_bytes) direction.max_bytes_per_s = window_rate(*direction.window_bytes, *rtt_us);
  if (direction.window_cap_bytes) direction.max_bytes_per_s_cap = window_rate(*direction.window_cap_bytes, *rtt_us);
}

/// The most a buffer can become: the limit of its sysctl while it is autotuned, itself once it was set. Nothing where
/// the kernel does not tell which of the two it is (SO_BUF_LOCK, since Linux 5.15).
std::optional<std::int64_t> greatest_buffer(const Snapshot& snapshot, std::string_view symbol, std::int64_t lock,
                                            SysctlValues& sysctls, std::string_view sysctl) {
  const auto held = number(snapshot, symbol);
  const bool lock_told = reading(snapshot, "SO_BUF_LOCK").value.has_value();
  if (!lock_told && held != sysctls.number(sysctl, 1)) return std::nullopt;
  return is_locked(snapshot, lock) ? held : sysctls.number(sysctl, 2);
}

Throughput receive_direction(const Snapshot& snapshot, SysctlValues& sysctls) {
  Throughput receive;
  const auto greatest = greatest_window(snapshot, "rcv_wscale");
  receive.window_bytes = smaller(info_number(snapshot, "rcv_ssthresh"), greatest);
  const bool moderated = sysctls.number("net.ipv4.tcp_moderate_rcvbuf").value_or(1) != 0;
  const auto buffer = moderated ? greatest_buffer(snapshot, "SO_RCVBUF", kRcvbufLock, sysctls, "net.ipv4.tcp_rmem")
                                : number(snapshot, "SO_RCVBUF");
  receive.window_cap_bytes = smaller(half(buffer), greatest);
  if (receive.window_bytes && receive.window_cap_bytes) {
    receive.window_cap_bytes = std::max(*receive.window_cap_bytes, *receive.window_bytes);
  }
  return receive;
}

Throughput send_direction(const Snapshot& snapshot, SysctlValues& sysctls) {
  Throughput send;
  const auto buffer_now = half(number(snapshot, "SO_SNDBUF"));
  send.window_bytes = info_number(snapshot, "snd_wnd");
  if (send.window_bytes && buffer_now) send.window_bytes = std::min(*send.window_bytes, *buffer_now);
  const auto cap = greatest_buffer(snapshot, "SO_SNDBUF", kSndbufLock, sysctls, "net.ipv4.tcp_wmem");
  send.window_cap_bytes = smaller(half(cap), greatest_window(snapshot, "snd_wscale"));
  return send;
}

Milliseconds rto_max_of(const Snapshot& snapshot) {
  constexpr Milliseconds kRtoMax{120'000};  // TCP_RTO_MAX on kernels without the option
  return positive_ms(number(snapshot, "TCP_RTO_MAX_MS")).value_or(kRtoMax);
}

/// Why a time cannot be told: the first of these options that this kernel has and did not let us read. An option it
/// does not have leaves its fixed default.
std::string first_unreadable(const Snapshot& snapshot, std::initializer_list<std::string_view> symbols) {
  for (const std::string_view symbol : symbols) {
    const OptionReading& found = reading(snapshot, symbol);
    if (!found.value && found.reason.starts_with("unreadable")) return fmt::format("{} is {}", symbol, found.reason);
  }
  return {};
}

std::string unreadable_sysctl(SysctlValues& sysctls, std::string_view name) {
  return sysctls.number(name) ? std::string() : fmt::format("{} is {}", name, sysctls.get(name).reason);
}

TimeLimit find_connect_timeout(const Snapshot& snapshot, SysctlValues& sysctls) {
  std::string unknown = first_unreadable(snapshot, {"TCP_SYNCNT", "TCP_USER_TIMEOUT", "TCP_RTO_MAX_MS"});
  // Kernels before 6.5 have no tcp_syn_linear_timeouts, but all have tcp_syn_retries: without both, /proc/sys is
  // hidden.
  if (unknown.empty() && !sysctls.number("net.ipv4.tcp_syn_linear_timeouts")) {
    unknown = unreadable_sysctl(sysctls, "net.ipv4.tcp_syn_retries");
  }
  if (!unknown.empty()) return {std::nullopt, std::move(unknown)};
  SynTimers timers;
  timers.retries = static_cast<int>(number(snapshot, "TCP_SYNCNT").value_or(timers.retries));
  timers.linear_timeouts = static_cast<int>(sysctls.number("net.ipv4.tcp_syn_linear_timeouts").value_or(0));
  timers.rto_max = rto_max_of(snapshot);
  timers.user_timeout = positive_ms(number(snapshot, "TCP_USER_TIMEOUT"));
  return {connect_timeout(timers), {}};
}

TimeLimit find_dead_peer_in_flight(const Snapshot& snapshot, SysctlValues& sysctls) {
  std::string unknown = first_unreadable(snapshot, {"TCP_USER_TIMEOUT", "TCP_RTO_MAX_MS"});
  RetransmitTimers timers;
  timers.user_timeout = positive_ms(number(snapshot, "TCP_USER_TIMEOUT"));
  if (unknown.empty() && !timers.user_timeout) unknown = unreadable_sysctl(sysctls, "net.ipv4.tcp_retries2");
  if (!unknown.empty()) return {std::nullopt, std::move(unknown)};
  if (const auto rto_us = info_number(snapshot, "rto"); rto_us && *rto_us > 0) {
    timers.rto = Milliseconds(static_cast<std::int64_t>(*rto_us / 1000));
  }
  timers.rto_max = rto_max_of(snapshot);
  timers.retries2 = static_cast<int>(sysctls.number("net.ipv4.tcp_retries2").value_or(timers.retries2));
  return {dead_peer_in_flight(timers), {}};
}

TimeLimit find_dead_peer_idle(const Snapshot& snapshot) {
  std::string unknown =
      first_unreadable(snapshot, {"SO_KEEPALIVE", "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT"});
  if (!unknown.empty()) return {std::nullopt, std::move(unknown)};
  KeepaliveTimers timers;
  timers.on = number(snapshot, "SO_KEEPALIVE").value_or(0) != 0;
  timers.idle = seconds(number(snapshot, "TCP_KEEPIDLE").value_or(timers.idle.count()));
  timers.interval = seconds(number(snapshot, "TCP_KEEPINTVL").value_or(timers.interval.count()));
  timers.probes = static_cast<int>(number(snapshot, "TCP_KEEPCNT").value_or(timers.probes));
  timers.user_timeout = positive_ms(number(snapshot, "TCP_USER_TIMEOUT"));
  return {dead_peer_idle(timers), {}};
}

}  // namespace

Milliseconds connect_timeout(const SynTimers& timers) {
  const Milliseconds modelled = model_timeout(timers.retries, kInitialRto, timers.rto_max);
  const Milliseconds allowed = timers.user_timeout.value_or(modelled);
  Milliseconds now{0};
  Milliseconds rto = std::min(kInitialRto, timers.rto_max);
  for (int resent = 0;; ++resent) {
    Milliseconds wait = rto;
    if (timers.user_timeout && resent > 0) wait = std::clamp(allowed - now, Milliseconds(0), rto);
    now += wait;
    if (resent >= timers.retries + timers.linear_timeouts || (resent >= 1 && now >= allowed)) return now;
    if (resent + 1 > timers.linear_timeouts) rto = std::min(rto * 2, timers.rto_max);
  }
}

Milliseconds retries2_deadline(int retries2, Milliseconds rto_max) {
  return model_timeout(retries2, kModelBase, rto_max);
}

Milliseconds dead_peer_in_flight(const RetransmitTimers& timers) {
  // A tail loss probe usually goes before the first timeout and takes about one RTO more (RFC 8985 7).
  const Milliseconds first_retransmission = timers.rto * 2;
  if (timers.user_timeout) return first_retransmission + *timers.user_timeout;
  const Milliseconds deadline = retries2_deadline(timers.retries2, timers.rto_max);
  const Milliseconds rto_max = std::max(timers.rto_max, Milliseconds(1));
  Milliseconds since_first{0};
  for (Milliseconds rto = timers.rto + kTimerLateness; since_first < deadline;) {
    rto = std::min(rto * 2, rto_max);
    since_first += rto;
  }
  return first_retransmission + since_first;
}

std::optional<Milliseconds> dead_peer_idle(const KeepaliveTimers& timers) {
  if (!timers.on) return std::nullopt;
  if (!timers.user_timeout) return timers.idle + timers.interval * timers.probes;
  // The first probe may not end it: one must have gone unanswered. TCP_KEEPCNT plays no part.
  const Milliseconds beyond_idle = *timers.user_timeout - timers.idle;
  const Milliseconds interval = std::max<Milliseconds>(timers.interval, Milliseconds(1));
  const std::int64_t probes = std::max<std::int64_t>(1, (beyond_idle + interval - Milliseconds(1)) / interval);
  return timers.idle + probes * interval;
}

std::optional<std::uint64_t> window_rate(std::uint64_t window_bytes, std::uint64_t rtt_us) {
  if (rtt_us == 0) return std::nullopt;
  return saturated(static_cast<long double>(window_bytes) * 1'000'000 / static_cast<long double>(rtt_us));
}

BandwidthNeed bandwidth_need(std::uint64_t bits_per_s, std::uint64_t rtt_us) {
  BandwidthNeed need;
  const long double window = static_cast<long double>(bits_per_s) / 8 * static_cast<long double>(rtt_us) / 1'000'000;
  need.window_bytes = saturated(window);
  need.buffer_bytes = saturated(window * 2);
  while (need.window_scale < kMaxWindowScale && (kUnscaledWindow << need.window_scale) < need.window_bytes) {
    ++need.window_scale;
  }
  return need;
}

Limits find_limits(const Snapshot& snapshot, SysctlValues& sysctls) {
  Limits limits;
  limits.rtt_us = measured_rtt_us(snapshot);
  limits.receive = receive_direction(snapshot, sysctls);
  limits.send = send_direction(snapshot, sysctls);
  add_rates(limits.receive, limits.rtt_us);
  add_rates(limits.send, limits.rtt_us);
  limits.connect_timeout = find_connect_timeout(snapshot, sysctls);
  limits.dead_peer_idle = find_dead_peer_idle(snapshot);
  limits.dead_peer_in_flight = find_dead_peer_in_flight(snapshot, sysctls);
  return limits;
}

}  // namespace tcpkit
