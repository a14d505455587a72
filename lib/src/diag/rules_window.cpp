#include <array>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/sock/limits.hpp>

#include "diag/advice.hpp"
#include "diag/evidence.hpp"
#include "diag/inputs.hpp"
#include "diag/knowledge.hpp"
#include "diag/rule_groups.hpp"
#include "sock/snapshot_facts.hpp"

namespace tcpkit {
namespace {

constexpr std::uint64_t kUnscaledWindow = 65535;  // RFC 9293 section 3.1

void add_ceiling(const Observation& observation, std::uint64_t window_bytes, Symptom& symptom) {
  const auto rtt_us = path_rtt_us(observation);
  const auto rate = rtt_us ? window_rate(window_bytes, *rtt_us) : std::nullopt;
  if (!rate) return;
  symptom.evidence.push_back(number_of("rtt", *rtt_us, Unit::Microseconds));
  symptom.evidence.push_back(number_of("ceiling", *rate, Unit::BytesPerSecond));
}

constexpr std::array kSmallScaleInputs{info("options"), info("rcv_wscale"), option("SO_RCVBUF")};

/// Half of a buffer is window at the start: a SYN sent with this buffer would have had a larger scale.
std::optional<Symptom> scale_too_small(const Inputs& inputs) {
  const std::uint64_t scale = inputs.info("rcv_wscale");
  const auto buffer = static_cast<std::uint64_t>(inputs.option("SO_RCVBUF"));
  const bool scaled = (inputs.info("options") & kScalingAgreed) != 0;
  if (!scaled || buffer / 2 <= (kUnscaledWindow + 1) << scale) return std::nullopt;
  const std::uint64_t greatest = kUnscaledWindow << scale;
  const Observation& observation = inputs.observation();
  Symptom symptom{
      .evidence = {bytes_of("rcvbuf", buffer), count_of("rcv_wscale", scale), bytes_of("greatest_window", greatest)}};
  symptom.why =
      fmt::format("The buffer of {} holds a window of {}, but the scale of {} was settled in the handshake: {}.",
                  format_bytes(buffer), format_bytes(buffer / 2), scale,
                  carried(greatest, path_rtt_us(observation)) + ", and no window is larger");
  if (const Outcome* clamp = asked_for(observation, "TCP_WINDOW_CLAMP")) {
    symptom.remedy =
        fmt::format("leave out {}, which made the scale so small, and connect anew", flag_of(clamp->setting));
  }
  add_ceiling(observation, greatest, symptom);
  return symptom;
}

constexpr std::array kNoScaleInputs{info("state"), info("options"), sysctl("net.ipv4.tcp_window_scaling")};
/// Fast Ethernet: a path that carries less than this for want of a window is slow by any measure of today.
constexpr std::uint64_t kSlowBps = 100'000'000;

/// The states of a connection whose handshake is over: RFC 9293 section 3.3.2, include/net/tcp_states.h.
bool is_synchronized(std::uint64_t state) {
  constexpr std::uint64_t kEstablished = 1;
  constexpr std::uint64_t kFinWait1 = 4;
  constexpr std::uint64_t kFinWait2 = 5;
  constexpr std::uint64_t kCloseWait = 8;
  return state == kEstablished || state == kFinWait1 || state == kFinWait2 || state == kCloseWait;
}

std::optional<Symptom> no_window_scale(const Inputs& inputs) {
  const bool offered = inputs.sysctl("net.ipv4.tcp_window_scaling") != 0;
  const bool agreed = (inputs.info("options") & kScalingAgreed) != 0;
  if (!offered || agreed || !is_synchronized(inputs.info("state"))) return std::nullopt;
  const Observation& observation = inputs.observation();
  Symptom symptom{.evidence = {bytes_of("greatest_window", kUnscaledWindow)}};
  symptom.why =
      fmt::format("This host offers window scaling, and the handshake came out without it: in both directions {}.",
                  carried(kUnscaledWindow, path_rtt_us(observation)) + " at most");
  add_ceiling(observation, kUnscaledWindow, symptom);
  const auto rtt_us = path_rtt_us(observation);
  const auto rate = rtt_us ? window_rate(kUnscaledWindow, *rtt_us) : std::nullopt;
  const bool slow = rate && *rate < observation.expected.bandwidth_bps.value_or(kSlowBps) / 8;
  symptom.severity = slow ? Severity::Warning : Severity::Note;
  return symptom;
}

constexpr std::array kPeerWindowInputs{growth("rwnd_limited"), growth("busy_time"), growth("bytes_acked"),
                                       info("snd_wnd")};
/// A sender that waits for the window in a fifth of its busy time loses that fifth of its throughput.
constexpr std::uint64_t kPeerWindowPercent = 20;

/// Whether the window, and not how fast the peer reads, explains the rate: it fills at least half of what the window
/// can carry at the least round trip, so that half of the window or more was on its way all the time.
bool window_explains(std::uint64_t rate, std::optional<std::uint64_t> ceiling, std::uint64_t rtt_us) {
  return ceiling && rtt_us >= kLeastPathRttUs && rate >= *ceiling / 2;
}

std::string why_peer_window(const Inputs& inputs, std::uint64_t percent, std::uint64_t rate, bool explained) {
  const std::string waited =
      fmt::format("The sender waited for the peer's receive window in {} % of its busy time", percent);
  if (inputs.info("snd_wnd") == 0) return waited + ", and it is shut now: the program there does not read.";
  const auto rtt_us = path_rtt_us(inputs.observation());
  const std::string holds = carried(inputs.info("snd_wnd"), rtt_us);
  if (explained) return fmt::format("{}: {}, and {} went through.", waited, holds, format_bit_rate(rate * 8));
  return fmt::format(
      "{}, which is not for the size it has now ({}; {} went through): it was still growing, or the program there "
      "reads no faster.",
      waited, holds, format_bit_rate(rate * 8));
}

std::optional<Symptom> peer_window_limits(const Inputs& inputs) {
  const std::uint64_t busy_us = inputs.growth("busy_time");
  const std::uint64_t limited_us = inputs.growth("rwnd_limited");
  if (busy_us <= kLeastBusyUs || limited_us * 100 <= busy_us * kPeerWindowPercent) return std::nullopt;
  const std::uint64_t window = inputs.info("snd_wnd");
  const std::uint64_t rate = rate_while_busy(inputs).value_or(0);
  const std::uint64_t rtt_us = path_rtt_us(inputs.observation()).value_or(0);
  const bool explained = window > 0 && window_explains(rate, window_rate(window, rtt_us), rtt_us);
  const std::uint64_t percent = limited_us * 100 / busy_us;
  Symptom symptom{.evidence = {percent_of("rwnd_limited", percent), number_of("busy_time", busy_us, Unit::Microseconds),
                               bytes_of("snd_wnd", window), number_of("rate", rate, Unit::BytesPerSecond)}};
  symptom.why = why_peer_window(inputs, percent, rate, explained);
  if (!explained)
    symptom.remedy = "make the program at the peer read faster; a larger buffer there only takes up bursts";
  symptom.severity = explained ? Severity::Warning : Severity::Note;
  add_ceiling(inputs.observation(), window, symptom);
  return symptom;
}

constexpr std::array kRules{
    Rule{
        .id = "F03",
        .name = "wscale-too-small",
        .severity = Severity::Warning,
        .title = "the window scale is too small for the receive buffer",
        .condition =
            "Half of SO_RCVBUF, which is window at the start, is more than 65536 shifted by tcpi_rcv_wscale: a SYN "
            "sent with this buffer would have had a larger scale.",
        .why = "The scale is settled in the SYN from the buffer of that moment: a buffer enlarged later holds more "
               "than the peer can ever be told.",
        .remedy = "set SO_RCVBUF before connect(2) or listen(2), or not at all, and connect anew",
        .source = "RFC 7323 section 2.2, tcp(7), net/ipv4/tcp_output.c",
        .inputs = kSmallScaleInputs,
        .check = scale_too_small,
    },
    Rule{
        .id = "F04",
        .name = "no-wscale",
        .severity = Severity::Warning,
        .title = "the connection has no window scaling",
        .condition =
            "The handshake is over, net.ipv4.tcp_window_scaling is on, and tcpi_options has no wscale. A note where "
            "65535 B carry at least what --bandwidth says at this round trip, or else 100 Mbit/s.",
        .why = "This host offers window scaling, and the handshake came out without it: no more than 65535 B are on "
               "their way in either direction.",
        .remedy = "find who lost it: net.ipv4.tcp_window_scaling=0 at the peer, a middlebox that strips TCP options, "
                  "or SYN cookies without timestamps",
        .source = "RFC 7323 section 2.2",
        .inputs = kNoScaleInputs,
        .check = no_window_scale,
    },
    Rule{
        .id = "F05",
        .name = "rwnd-limited",
        .severity = Severity::Warning,
        .title = "the peer's receive window holds the sender back",
        .condition =
            "tcpi_rwnd_limited is more than 20 % of tcpi_busy_time over more than 100 ms of it. A note where the "
            "window alone does not explain the rate: at a round trip below 1 ms, or where less than half of what it "
            "can carry went through, the program at the peer reads slowly, as on every loopback.",
        .why = "The sender had data and could have sent it, but the window that the peer advertised was full.",
        .remedy = "on the peer: do not set a small SO_RCVBUF, raise net.ipv4.tcp_rmem[2], or read faster",
        .source = "RFC 9293 section 3.8.6, RFC 4898",
        .inputs = kPeerWindowInputs,
        .check = peer_window_limits,
    },
};

}  // namespace

std::span<const Rule> window_rules() {
  return kRules;
}

}  // namespace tcpkit
