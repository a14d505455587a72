#include <array>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/sock/limits.hpp>

#include "diag/advice.hpp"
#include "diag/evidence.hpp"
#include "diag/inputs.hpp"
#include "diag/rule_groups.hpp"

namespace tcpkit {
namespace {

std::optional<Milliseconds> user_timeout_of(const Inputs& inputs) {
  const std::int64_t number = inputs.option("TCP_USER_TIMEOUT");
  return number > 0 ? std::optional(Milliseconds(number)) : std::nullopt;
}

/// Kernels without the option have a fixed one: the default of both structures.
Milliseconds rto_max_of(const Inputs& inputs) {
  return Milliseconds(inputs.option_if_any("TCP_RTO_MAX_MS").value_or(RetransmitTimers{}.rto_max.count()));
}

constexpr std::array kSlowReaderInputs{info("state"), info("snd_wnd"), info("notsent_bytes"), info("last_data_sent"),
                                       option("TCP_USER_TIMEOUT")};
/// A peer that merely reads more slowly than is sent shuts its window and opens it again many times in this time.
constexpr std::uint64_t kLeastShutMs = 200;

std::optional<Symptom> slow_reader_dies(const Inputs& inputs) {
  const std::optional<Milliseconds> user_timeout = user_timeout_of(inputs);
  const std::uint64_t waiting = inputs.info("notsent_bytes");
  const std::uint64_t shut_ms = inputs.info("last_data_sent");
  if (!is_established(inputs) || !user_timeout || waiting == 0) return std::nullopt;
  if (inputs.info("snd_wnd") > 0 || shut_ms < kLeastShutMs) return std::nullopt;
  const Observation& observation = inputs.observation();
  return Symptom{
      .evidence = {bytes_of("snd_wnd", 0U), bytes_of("notsent", waiting),
                   number_of("last_data_sent", shut_ms, Unit::Milliseconds),
                   milliseconds_of("user_timeout", *user_timeout)},
      .why = fmt::format("{} wait for a peer that has closed its window. If it does not read for {}, the connection "
                         "ends with ETIMEDOUT although the peer answers every probe.",
                         format_bytes(waiting), format_duration(*user_timeout)),
      .remedy = fmt::format("have the peer read, or {}: without it a peer that answers is waited for",
                            change_to(observation, "user-timeout=0"))};
}

constexpr std::array kInFlightInputs{info("state"), info("rto"), option("TCP_USER_TIMEOUT"),
                                     if_any(option("TCP_RTO_MAX_MS")), sysctl("net.ipv4.tcp_retries2")};
/// RFC 9293 section 3.9.1.1 has five minutes as the default of the user timeout.
constexpr Milliseconds kLongWait{300'000};
/// RFC 9293 section 3.8.3: R2 for data should correspond to at least 100 seconds.
constexpr Milliseconds kLeastR2{100'000};
constexpr int kMostRetries2 = 255;  // net/ipv4/sysctl_net_ipv4.c

RetransmitTimers retransmit_timers_of(const Inputs& inputs) {
  RetransmitTimers timers;
  timers.rto = Milliseconds(static_cast<std::int64_t>(inputs.info("rto") / 1000));
  timers.rto_max = rto_max_of(inputs);
  timers.retries2 = static_cast<int>(inputs.sysctl("net.ipv4.tcp_retries2"));
  timers.user_timeout = user_timeout_of(inputs);
  return timers;
}

/// What is left for the user timeout once data was sent twice, and were the timers late by the eighth that they may be
/// (kernel/time/timer.c). That also makes up for a next connection whose round trip is measured a little longer.
std::string deadline_remedy(const Observation& observation, RetransmitTimers timers, Milliseconds limit) {
  timers.user_timeout = Milliseconds(0);
  const Milliseconds left = limit * 8 / 9 - dead_peer_in_flight(timers);
  if (left.count() <= 0) {
    return fmt::format("have the application set a deadline of its own: TCP sends again after {} and counts from there",
                       format_duration(dead_peer_in_flight(timers)));
  }
  return change_to(observation, time_setting("user-timeout", left));
}

std::string usual_deadline_remedy(const Observation& observation, const RetransmitTimers& timers) {
  int retries2 = 1;
  while (retries2 < kMostRetries2 && retries2_deadline(retries2, timers.rto_max) < kLeastR2) ++retries2;
  return fmt::format("{}, or for all connections sysctl -w net.ipv4.tcp_retries2={}",
                     set_with(observation, time_setting("user-timeout", kLeastR2)), retries2);
}

std::optional<Symptom> data_deadline_late(const Inputs& inputs) {
  const RetransmitTimers timers = retransmit_timers_of(inputs);
  const std::optional<Milliseconds> asked = inputs.observation().expected.detect_within;
  const Milliseconds noticed = dead_peer_in_flight(timers);
  if (!is_established(inputs) || noticed <= asked.value_or(kLongWait)) return std::nullopt;
  if (timers.user_timeout && !asked) return std::nullopt;
  Symptom symptom;
  symptom.evidence = {milliseconds_of("dead_peer_in_flight", noticed),
                      timers.user_timeout ? milliseconds_of("user_timeout", *timers.user_timeout)
                                          : count_of("net.ipv4.tcp_retries2", timers.retries2)};
  const std::string takes = fmt::format("when the peer dies with data in flight it takes {} until the connection fails",
                                        format_duration(noticed));
  if (!asked) {
    symptom.why = fmt::format("Without TCP_USER_TIMEOUT, {}: a blocked writer hangs for so long.", takes);
    symptom.remedy = usual_deadline_remedy(inputs.observation(), timers);
    return symptom;
  }
  symptom.severity = Severity::Warning;
  symptom.evidence.push_back(milliseconds_of("detect_within", *asked));
  symptom.why =
      fmt::format("A dead peer must be noticed within {} (--detect-within): {}.", format_duration(*asked), takes);
  symptom.remedy = deadline_remedy(inputs.observation(), timers, *asked);
  return symptom;
}

constexpr std::array kConnectInputs{observed("connect_within"), option("TCP_SYNCNT"), option("TCP_USER_TIMEOUT"),
                                    if_any(option("TCP_RTO_MAX_MS")),
                                    if_any(sysctl("net.ipv4.tcp_syn_linear_timeouts"))};

SynTimers syn_timers_of(const Inputs& inputs) {
  SynTimers timers;
  timers.retries = static_cast<int>(inputs.option("TCP_SYNCNT"));
  timers.linear_timeouts = static_cast<int>(inputs.sysctl_if_any("net.ipv4.tcp_syn_linear_timeouts").value_or(0));
  timers.rto_max = rto_max_of(inputs);
  timers.user_timeout = user_timeout_of(inputs);
  return timers;
}

/// The most SYNs that the limit has time for; TCP_USER_TIMEOUT where even one retransmission takes longer.
std::string connect_remedy(const Observation& observation, SynTimers timers, Milliseconds limit) {
  while (--timers.retries >= 1) {
    if (connect_timeout(timers) > limit) continue;
    return change_to(observation, fmt::format("syncnt={}", timers.retries));
  }
  timers.retries = 1;
  timers.user_timeout = limit;
  if (connect_timeout(timers) > limit) {
    return "connect without blocking, and give up with poll(2): the kernel's first SYN takes a second";
  }
  return fmt::format("{}, which counts for sent data, too",
                     change_to(observation, time_setting("user-timeout", limit)));
}

std::optional<Symptom> connect_too_long(const Inputs& inputs) {
  const SynTimers timers = syn_timers_of(inputs);
  const Milliseconds limit = *inputs.observation().expected.connect_within;
  const Milliseconds tried = connect_timeout(timers);
  if (tried <= limit) return std::nullopt;
  return Symptom{.evidence = {milliseconds_of("connect_timeout", tried), milliseconds_of("connect_within", limit),
                              count_of("syncnt", timers.retries)},
                 .why = fmt::format("connect(2) must have given up within {} (--connect-within), but to a host that "
                                    "does not answer it tries for {}.",
                                    format_duration(limit), format_duration(tried)),
                 .remedy = connect_remedy(inputs.observation(), timers, limit)};
}

constexpr std::array kRules{
    Rule{
        .id = "F17",
        .name = "user-timeout-kills-slow-reader",
        .severity = Severity::Warning,
        .title = "a slow reader will be taken for dead",
        .condition = "TCP_USER_TIMEOUT is set while data waits for a peer whose window is closed: tcpi_snd_wnd is 0, "
                     "tcpi_notsent_bytes is not, and nothing was sent for 200 ms: a peer that is only slow opens its "
                     "window many times in this time.",
        .why = "The user timeout also ends connections to a live peer that keeps its window closed for that long.",
        .remedy = "have the peer read, or set a longer TCP_USER_TIMEOUT or none",
        .source = "tcp(7) TCP_USER_TIMEOUT, net/ipv4/tcp_timer.c tcp_probe_timer()",
        .inputs = kSlowReaderInputs,
        .check = slow_reader_dies,
    },
    Rule{
        .id = "F18",
        .name = "data-deadline",
        .severity = Severity::Note,
        .title = "a peer that dies with data in flight is noticed late",
        .condition = "TCP_USER_TIMEOUT is not set and net.ipv4.tcp_retries2 stands for more than five minutes, the "
                     "default that RFC 9293 section 3.9.1.1 has. A warning if the time is longer than "
                     "--detect-within, which then counts alone, TCP_USER_TIMEOUT or not.",
        .why = "By default data is retransmitted for about 15 minutes before the connection fails.",
        .remedy = "set TCP_USER_TIMEOUT, or net.ipv4.tcp_retries2 for all connections",
        .source = "RFC 9293 section 3.8.3, Documentation/networking/ip-sysctl.rst tcp_retries2",
        .inputs = kInFlightInputs,
        .check = data_deadline_late,
    },
    Rule{
        .id = "F19",
        .name = "connect-budget",
        .severity = Severity::Warning,
        .title = "connecting to a host that does not answer takes too long",
        .condition = "The time that connect(2) tries, from TCP_SYNCNT, TCP_USER_TIMEOUT and "
                     "net.ipv4.tcp_syn_linear_timeouts, is longer than --connect-within.",
        .why = "A SYN that nobody answers is sent again and again before connect(2) fails with ETIMEDOUT.",
        .remedy = "set TCP_SYNCNT or TCP_USER_TIMEOUT before connecting, or connect without blocking; SO_SNDTIMEO only "
                  "returns EINPROGRESS and goes on connecting",
        .source = "Documentation/networking/ip-sysctl.rst tcp_syn_retries, net/ipv4/tcp_timer.c",
        .inputs = kConnectInputs,
        .check = connect_too_long,
    },
};

}  // namespace

std::span<const Rule> death_rules() {
  return kRules;
}

}  // namespace tcpkit
