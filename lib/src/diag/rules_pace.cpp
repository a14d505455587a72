#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

#include "diag/addressing.hpp"
#include "diag/advice.hpp"
#include "diag/evidence.hpp"
#include "diag/inputs.hpp"
#include "diag/knowledge.hpp"
#include "diag/rule_groups.hpp"

namespace tcpkit {
namespace {

constexpr std::array kPacingInputs{option("SO_MAX_PACING_RATE"), growth("bytes_acked"), growth("busy_time"),
                                   info("delivery_rate_app_limited")};
/// Pacing counts headers, of which a full segment of 1500 bytes has 3.5 %.
constexpr std::uint64_t kPacedPercent = 90;
/// A connection that is paced all the time exceeds its limit by the first burst at most; one that goes faster while it
/// is busy sends less than a burst at a time, which is not paced.
constexpr std::uint64_t kBurstPercent = 150;

bool near_limit(std::uint64_t rate, std::uint64_t limit) {
  return rate >= limit / 100 * kPacedPercent && rate <= limit / 100 * kBurstPercent;
}

std::string pacing_remedy(const Observation& observation, const Outcome* asked) {
  if (asked == nullptr) return set_with(observation, "max-pacing-rate=unlimited");
  return fmt::format("leave out {}, or give more: it is in bytes per second", flag_of(asked->setting));
}

std::optional<Symptom> paced_at_limit(const Inputs& inputs) {
  const std::int64_t limit = inputs.option("SO_MAX_PACING_RATE");  // all ones, which is -1, is no limit
  const auto rate = rate_while_busy(inputs);
  if (limit <= 0 || !rate || inputs.info("delivery_rate_app_limited") != 0) return std::nullopt;
  const auto limit_bytes_per_s = static_cast<std::uint64_t>(limit);
  if (!near_limit(*rate, limit_bytes_per_s)) return std::nullopt;
  const Observation& observation = inputs.observation();
  const Outcome* asked = asked_for(observation, "SO_MAX_PACING_RATE");
  const bool wanted_more = observation.expected.bandwidth_bps.value_or(0) / 8 > limit_bytes_per_s;
  return Symptom{.evidence = {number_of("max_pacing_rate", limit_bytes_per_s, Unit::BytesPerSecond),
                              number_of("rate", *rate, Unit::BytesPerSecond)},
                 .why = fmt::format("{} lets {} through, headers included, and {} went through.",
                                    asked != nullptr ? flag_of(asked->setting) : "SO_MAX_PACING_RATE",
                                    format_bit_rate(limit_bytes_per_s * 8), format_bit_rate(*rate * 8)),
                 .remedy = pacing_remedy(observation, asked),
                 .severity = asked != nullptr && !wanted_more ? Severity::Note : Severity::Warning};
}

constexpr std::array kRtoInputs{growth("total_rto"), growth("bytes_retrans"),
                                growth("busy_time"), info("rto"),
                                info("backoff"),     info("rtt"),
                                info("rttvar"),      helpful(option("TCP_RTO_MIN_US"))};
/// Where the floor makes the timeout 40 times the round trip.
constexpr std::uint64_t kShortRttUs = 5'000;
constexpr std::uint64_t kUsualFloorUs = 200'000;  // TCP_RTO_MIN, include/net/tcp.h
/// A receiver may hold an acknowledgment for 40 ms (TCP_DELACK_MIN): a floor below that retransmits what arrived.
constexpr std::uint64_t kAdvisedFloorUs = 50'000;

std::string lower_floor(const Inputs& inputs) {
  const std::string host = fmt::format("sysctl -w net.ipv4.tcp_rto_min_us={}", kAdvisedFloorUs);
  const std::string route =
      fmt::format("rto_min {}ms on the route (ip route change), which wins over both", kAdvisedFloorUs / 1'000);
  if (!inputs.option_if_any("TCP_RTO_MIN_US")) return fmt::format("{} (since 6.11), or {}", host, route);
  return fmt::format("{}, {} for new sockets, or {}",
                     set_with(inputs.observation(), fmt::format("rto-min-us={}ms", kAdvisedFloorUs / 1'000)), host,
                     route);
}

/// One timeout in weeks of traffic costs nobody anything.
constexpr std::uint64_t kDearPercent = 1;

/// Segments on loopback are lost by a busy host or a full receiver alone: that is no trouble of the floor.
bool timeouts_cost_little(const Inputs& inputs, std::uint64_t waited_us) {
  return waited_us * 100 <= inputs.growth("busy_time") * kDearPercent || stays_on_host(inputs.observation().snapshot);
}

/// A timeout of the handshake counts in total_rto, too, but it retransmits no bytes.
std::optional<Symptom> rto_floor_rules(const Inputs& inputs) {
  const std::uint64_t timeouts = inputs.growth("total_rto");
  const std::uint64_t rtt_us = inputs.info("rtt");
  if (timeouts == 0 || inputs.growth("bytes_retrans") == 0 || rtt_us >= kShortRttUs) return std::nullopt;
  const std::uint64_t rto_us = inputs.info("rto") >> std::min<std::uint64_t>(inputs.info("backoff"), 63);
  const std::uint64_t computed_us = rtt_us + 4 * inputs.info("rttvar");  // RFC 6298 section 2.3
  if (rto_us < kUsualFloorUs || computed_us * 2 >= rto_us) return std::nullopt;
  return Symptom{
      .evidence = {count_of("timeouts", timeouts), number_of("rto", rto_us, Unit::Microseconds),
                   number_of("rtt", rtt_us, Unit::Microseconds),
                   number_of("rto_without_floor", computed_us, Unit::Microseconds),
                   number_of("busy_time", inputs.growth("busy_time"), Unit::Microseconds)},
      .why = fmt::format("{} retransmission timeout{} took {} each or more, where the round trip of {} asks for {}: "
                         "the rest is the floor, net.ipv4.tcp_rto_min_us or the route's rto_min.",
                         timeouts, timeouts == 1 ? "" : "s", microseconds_text(rto_us), microseconds_text(rtt_us),
                         microseconds_text(computed_us)),
      .remedy = lower_floor(inputs),
      .severity = timeouts_cost_little(inputs, timeouts * rto_us) ? Severity::Note : Severity::Warning};
}

constexpr std::array kIdleInputs{sysctl("net.ipv4.tcp_slow_start_after_idle"),
                                 option("TCP_CONGESTION"),
                                 info("state"),
                                 info("unacked"),
                                 info("last_data_sent"),
                                 info("rto"),
                                 info("snd_cwnd"),
                                 info("rtt")};
constexpr std::uint64_t kInitialWindow = 10;  // TCP_INIT_CWND, RFC 6928; a route's initcwnd is not known here
/// Less is not worth a line: it is lost once after a pause.
constexpr std::uint64_t kLeastLossUs = 10'000;

bool can_send(std::uint64_t state) {
  constexpr std::uint64_t kEstablished = 1;  // include/net/tcp_states.h
  constexpr std::uint64_t kCloseWait = 8;
  return state == kEstablished || state == kCloseWait;
}

/// net/ipv4/tcp_output.c, tcp_cwnd_restart(): half for each timeout that the pause is long, but no less than at first.
std::uint64_t restart_window(std::uint64_t window, std::uint64_t idle_us, std::uint64_t rto_us) {
  const std::uint64_t halvings = std::min<std::uint64_t>((idle_us - 1) / rto_us, 63);
  return std::max(window >> halvings, std::min(window, kInitialWindow));
}

/// Round trips of slow start, which doubles, until the window is what it was.
std::uint64_t rounds_to(std::uint64_t window, std::uint64_t from) {
  std::uint64_t rounds = 0;
  for (; from < window; from *= 2) ++rounds;
  return rounds;
}

/// include/net/tcp.h, tcp_slow_start_after_idle_check() leaves alone what controls its rate itself, which is bbr.
bool restarts(const Inputs& inputs) {
  const bool controls_rate = inputs.option_text("TCP_CONGESTION").starts_with("bbr");
  const bool on = inputs.sysctl("net.ipv4.tcp_slow_start_after_idle") != 0;
  return on && !controls_rate && can_send(inputs.info("state")) && inputs.info("unacked") == 0;
}

std::optional<Symptom> restart_after_idle(const Inputs& inputs) {
  const std::uint64_t idle_us = inputs.info("last_data_sent") * 1'000;
  const std::uint64_t rto_us = inputs.info("rto");
  const std::uint64_t window = inputs.info("snd_cwnd");
  if (!restarts(inputs) || rto_us == 0 || idle_us <= rto_us) return std::nullopt;
  const std::uint64_t restart = restart_window(window, idle_us, rto_us);
  const std::uint64_t lost_us = restart == 0 ? 0 : rounds_to(window, restart) * inputs.info("rtt");
  if (lost_us < kLeastLossUs) return std::nullopt;
  return Symptom{
      .evidence = {count_of("snd_cwnd", window), count_of("restart_cwnd", restart),
                   number_of("idle", idle_us, Unit::Microseconds), number_of("rto", rto_us, Unit::Microseconds),
                   number_of("lost", lost_us, Unit::Microseconds)},
      .why = fmt::format("Nothing was sent for {}: the next write begins with {} segments in place of {}, and "
                         "takes {} of slow start to be there again.",
                         microseconds_text(idle_us), restart, window, microseconds_text(lost_us))};
}

constexpr std::array kRules{
    Rule{
        .id = "F30",
        .name = "pacing-cap",
        .severity = Severity::Warning,
        .title = "SO_MAX_PACING_RATE holds the sender back",
        .condition =
            "What was acknowledged per second of tcpi_busy_time, over more than 100 ms of it, is 90 to 150 % of "
            "SO_MAX_PACING_RATE (which counts headers, but not the first burst), and the program had more to send. "
            "A note where tcpkit was asked to set it and --bandwidth is not more.",
        .why = "The kernel spreads segments so that no more than SO_MAX_PACING_RATE leaves.",
        .remedy = "raise SO_MAX_PACING_RATE: it is in bytes per second, not bits",
        .source = "socket(7), tc-fq(8)",
        .inputs = kPacingInputs,
        .check = paced_at_limit,
    },
    Rule{
        .id = "F37",
        .name = "rto-floor",
        .severity = Severity::Warning,
        .title = "the floor of the retransmission timeout costs time",
        .condition =
            "Retransmission timeouts happened and resent data, at a round trip below 5 ms, and the timeout without "
            "its backoff is 200 ms or more and more than twice tcpi_rtt + 4 tcpi_rttvar. A note where both ends are "
            "on this host, and where the timeouts took 1 % of tcpi_busy_time or less.",
        .why = "A lost segment that too few follow is resent after the floor of the timeout, many round trips later.",
        .remedy = "lower net.ipv4.tcp_rto_min_us or the route's rto_min, but not below the 40 ms of a delayed ACK",
        .source = "RFC 6298 section 2.4, ip-sysctl tcp_rto_min_us, ip-route(8)",
        .inputs = kRtoInputs,
        .check = rto_floor_rules,
    },
    Rule{
        .id = "F39",
        .name = "idle-restart",
        .severity = Severity::Note,
        .title = "the next write starts slowly, after a pause",
        .condition =
            "net.ipv4.tcp_slow_start_after_idle is on, the congestion control is not bbr, nothing is in flight or "
            "was sent for longer than the retransmission timeout, and growing the congestion window back takes "
            "10 ms or more.",
        .why = "After a pause the congestion window is halved for each retransmission timeout that it lasted.",
        .remedy = "for bursts over a long path: sysctl -w net.ipv4.tcp_slow_start_after_idle=0 on the host that sends",
        .source = "RFC 2861, net/ipv4/tcp_output.c, tcp_cwnd_restart()",
        .inputs = kIdleInputs,
        .check = restart_after_idle,
    },
};

}  // namespace

std::span<const Rule> pace_rules() {
  return kRules;
}

}  // namespace tcpkit
