#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

#include "diag/addressing.hpp"
#include "diag/advice.hpp"
#include "diag/evidence.hpp"
#include "diag/inputs.hpp"
#include "diag/rule_groups.hpp"
#include "sock/arithmetic.hpp"
#include "sock/snapshot_facts.hpp"

namespace tcpkit {
namespace {

// include/net/tcp_states.h: the states in which the application may still send.
constexpr std::uint64_t kEstablished = 1;
constexpr std::uint64_t kCloseWait = 8;

bool may_send(std::uint64_t state) {
  return state == kEstablished || state == kCloseWait;
}

constexpr std::uint64_t kIpv4Header = 20;
constexpr std::uint64_t kIpv6Header = 40;

/// What a packet with a full segment carries beside its payload.
std::uint64_t header_bytes(const Endpoint& peer, std::uint64_t agreed) {
  constexpr std::uint64_t kTcp = 20;
  const auto timestamps = static_cast<std::uint64_t>(kTimestampOptionBytes);
  return kTcp + (speaks_ipv6(peer) ? kIpv6Header : kIpv4Header) + ((agreed & kTimestampsAgreed) != 0 ? timestamps : 0);
}

constexpr std::array kLossInputs{growth("bytes_retrans"), growth("bytes_sent"), growth("dsack_dups"), info("snd_mss")};
/// Shares of less are chance.
constexpr std::uint64_t kLeastSentBytes = 100'000;
constexpr std::uint64_t kLossPercent = 1;
/// A handful of losses is no rate yet, be the segments as long as those of loopback.
constexpr std::uint64_t kLeastSegmentsAgain = 10;

/// What is sent again on loopback was dropped or answered late by this host: worth knowing, but no trouble of a path.
void explain_on_loopback(Symptom& symptom) {
  symptom.severity = Severity::Note;
  symptom.why += " On loopback that is a busy host, or a receiver short of buffer.";
  symptom.remedy = "measure with less load, or see what was dropped: nstat -az TcpExtTCPRcvQDrop TcpExtTCPBacklogDrop";
}

std::optional<Symptom> retransmissions(const Inputs& inputs) {
  const std::uint64_t again = inputs.growth("bytes_retrans");
  const std::uint64_t sent = inputs.growth("bytes_sent");
  const std::uint64_t mss = inputs.info("snd_mss");
  if (sent <= kLeastSentBytes || again * 100 <= sent * kLossPercent || again <= kLeastSegmentsAgain * mss) {
    return std::nullopt;
  }
  Symptom symptom;
  symptom.evidence = {percent_of("retransmitted", again * 100 / sent), bytes_of("bytes_retrans", again),
                      bytes_of("bytes_sent", sent), count_of("dsack_dups", inputs.growth("dsack_dups"))};
  const bool spurious = inputs.growth("dsack_dups") * mss * 2 > again;
  symptom.why = fmt::format("{} of {} were sent again, {}.", format_bytes(again), format_bytes(sent),
                            spurious ? "most of it for nothing: the peer reports that it had those segments already"
                                     : "and the peer does not report them as duplicates: segments were lost");
  if (spurious) {
    symptom.remedy =
        "look for a path that reorders or delays in bursts, and for a retransmission timeout set too low "
        "(TCP_RTO_MIN_US, net.ipv4.tcp_rto_min_us, rto_min of the route)";
  }
  if (stays_on_host(inputs.observation().snapshot)) explain_on_loopback(symptom);
  return symptom;
}

constexpr std::array kTimeoutInputs{growth("total_rto"),
                                    growth("bytes_retrans"),
                                    info("backoff"),
                                    info("options"),
                                    sysctl("net.ipv4.tcp_early_retrans"),
                                    sysctl("net.ipv4.tcp_sack")};

/// net/ipv4/tcp_output.c, tcp_schedule_loss_probe()
bool probes_for_tail_loss(std::int64_t early_retrans) {
  return early_retrans == 3 || early_retrans == 4;
}

std::optional<Symptom> slow_recovery(const Inputs& inputs) {
  const std::int64_t early = inputs.sysctl("net.ipv4.tcp_early_retrans");
  const bool sack = (inputs.info("options") & kSackAgreed) != 0;
  if (inputs.growth("total_rto") == 0 || inputs.growth("bytes_retrans") == 0) return std::nullopt;
  if (inputs.info("backoff") > 0 || (sack && probes_for_tail_loss(early))) return std::nullopt;
  Symptom symptom;
  symptom.evidence = {count_of("total_rto", inputs.growth("total_rto")), count_of("net.ipv4.tcp_early_retrans", early),
                      count_of("net.ipv4.tcp_sack", inputs.sysctl("net.ipv4.tcp_sack"))};
  if (!sack) {
    symptom.why =
        "Without selective acknowledgements there is neither a tail loss probe nor recovery by time (RACK): what three "
        "duplicate acknowledgements do not show takes a timeout.";
    symptom.remedy = inputs.sysctl("net.ipv4.tcp_sack") == 0
                         ? "sysctl -w net.ipv4.tcp_sack=1, and connect again"
                         : "switch selective acknowledgements on at the peer, or look for what on the path takes the "
                           "option out of its SYN";
  }
  return symptom;
}

constexpr std::array kSegmentInputs{info("state"), info("snd_mss"), info("advmss"), info("pmtu"), info("options")};
/// RFC 9293 section 3.7.1: what every host must take. Below it the headers are a tenth of the traffic.
constexpr std::uint64_t kDefaultSegment = 536;
/// What Ethernet carries: less than a path of larger frames can do is no trouble on the internet.
constexpr std::uint64_t kEthernetSegment = 1460;
/// The least IPv6 MTU, 1280, and tunnels in tunnels are above it.
constexpr std::uint64_t kSmallPercent = 70;

/// TCP_MAXSEG counts options too, and 0 means no bound.
bool is_bound_by(const Outcome& asked, std::uint64_t mss) {
  const auto bound = std::get<std::int64_t>(asked.setting.value);
  return bound > 0 && bound <= static_cast<std::int64_t>(mss) + kTimestampOptionBytes;
}

/// Which of the three bounds of a segment decided, and what to do about it.
void explain_segment(const Inputs& inputs, std::uint64_t headers, Symptom& symptom) {
  const Observation& seen = inputs.observation();
  const std::uint64_t mss = inputs.info("snd_mss");
  const Outcome* asked = asked_for(seen, "TCP_MAXSEG");
  if (asked != nullptr && is_bound_by(*asked, mss)) {
    symptom.why = fmt::format("{} bounds the segments to {} bytes of payload.", flag_of(asked->setting), mss);
    symptom.remedy = fmt::format("leave out {}", flag_of(asked->setting));
  } else if (mss + headers >= inputs.info("pmtu")) {
    symptom.why =
        fmt::format("The path MTU of {} bounds the segments to {} bytes of payload.", inputs.info("pmtu"), mss);
    symptom.remedy =
        fmt::format("find the narrow link: tracepath {} shows where the MTU falls; or the mtu of the route",
                    seen.snapshot.peer.address());
  } else {
    symptom.why = fmt::format(
        "The path MTU of {} has room for more than {} bytes of payload: the peer's MSS bounds the segments, "
        "as it came or as something on the path rewrote it, or TCP_MAXSEG of this program.",
        inputs.info("pmtu"), mss);
  }
}

bool is_small(const Inputs& inputs, std::uint64_t headers) {
  const std::uint64_t path = inputs.info("pmtu") - std::min(headers, inputs.info("pmtu"));
  const std::uint64_t usual = std::min(std::max(inputs.info("advmss"), path), kEthernetSegment);
  const std::uint64_t segment = inputs.info("snd_mss") + static_cast<std::uint64_t>(kTimestampOptionBytes);
  return segment < kDefaultSegment || segment * 100 < usual * kSmallPercent;
}

/// net/ipv4/tcp_output.c, tcp_bound_to_half_wnd(): half of the largest window there was, all of one of 536 bytes. Where
/// no more than two segments may be on their way the trouble is the window, which may be shut just now.
bool is_bound_by_window(const Inputs& inputs) {
  const auto window = info_number(inputs.observation().snapshot, "snd_wnd");
  return window && *window / 2 <= inputs.info("snd_mss");
}

std::optional<Symptom> small_segments(const Inputs& inputs) {
  const std::uint64_t headers = header_bytes(inputs.observation().snapshot.peer, inputs.info("options"));
  if (!may_send(inputs.info("state")) || !is_small(inputs, headers) || is_bound_by_window(inputs)) return std::nullopt;
  Symptom symptom;
  symptom.evidence = {bytes_of("snd_mss", inputs.info("snd_mss")), bytes_of("advmss", inputs.info("advmss")),
                      bytes_of("pmtu", inputs.info("pmtu"))};
  explain_segment(inputs, headers, symptom);
  return symptom;
}

constexpr std::array kBlackHoleInputs{option("IP_MTU_DISCOVER"),
                                      sysctl("net.ipv4.tcp_mtu_probing"),
                                      info("backoff"),
                                      info("rto"),
                                      info("last_ack_recv"),
                                      info("snd_mss"),
                                      info("pmtu"),
                                      info("bytes_sent"),
                                      info("bytes_retrans"),
                                      info("bytes_acked")};
/// One or two timeouts in a row are loss; the kernel itself doubts the route after tcp_retries1 = 3.
constexpr std::uint64_t kLeastBackoff = 3;
/// Every IPv6 link carries it (RFC 8200 section 5), and next to every IPv4 link.
constexpr std::uint64_t kSafeMtu = 1280;

/// IP_PMTUDISC_DONT and _OMIT let routers fragment IPv4; nothing does that to IPv6.
bool forbids_fragments(const Inputs& inputs) {
  constexpr std::int64_t kDont = 0;
  constexpr std::int64_t kOmit = 5;
  const std::int64_t mode = inputs.option("IP_MTU_DISCOVER");
  return speaks_ipv6(inputs.observation().snapshot.peer) || (mode != kDont && mode != kOmit);
}

/// Whether full segments make packets as long as the path is said to carry.
bool fills_path(const Inputs& inputs) {
  const std::uint64_t longest = header_bytes(inputs.observation().snapshot.peer, kTimestampsAgreed);
  return inputs.info("pmtu") > kSafeMtu && inputs.info("snd_mss") + longest >= inputs.info("pmtu");
}

/// At least a full segment is on its way, and what arrived before was on average less than half as long. The SYN counts
/// as a byte and as a segment.
bool only_small_arrived(const Inputs& inputs) {
  const std::uint64_t mss = inputs.info("snd_mss");
  const std::uint64_t acked = inputs.info("bytes_acked");
  const std::uint64_t delivered = info_number(inputs.observation().snapshot, "delivered").value_or(0);
  const std::uint64_t first_sent = inputs.info("bytes_sent") - inputs.info("bytes_retrans");
  return acked > 1 && first_sent >= acked - 1 + mss && delivered > 1 && (acked - 1) * 2 < (delivered - 1) * mss;
}

/// Data that acknowledges nothing new counts, too, which tcpi_last_ack_recv does not: net/ipv4/tcp_input.c,
/// tcp_rcv_established().
std::uint64_t silent_ms_of(const Inputs& inputs) {
  const std::uint64_t ack_ms = inputs.info("last_ack_recv");
  return std::min(ack_ms, info_number(inputs.observation().snapshot, "last_data_recv").value_or(ack_ms));
}

/// Two commands, of which a dead peer or path answers neither.
std::string why_silent(const Inputs& inputs) {
  const Endpoint& peer = inputs.observation().snapshot.peer;
  constexpr std::uint64_t kIcmpHeader = 8;
  const std::uint64_t headers = kIcmpHeader + (speaks_ipv6(peer) ? kIpv6Header : kIpv4Header);
  return fmt::format(
      "Packets of {0} bytes may vanish on a narrower link whose ICMP answers are filtered: then ping {1} is answered "
      "and ping -M do -s {2} {1} is not. A peer or path that died looks the same, but answers neither.",
      inputs.info("pmtu"), peer.address(), inputs.info("pmtu") - headers);
}

std::optional<Symptom> black_hole(const Inputs& inputs) {
  const std::int64_t probing = inputs.sysctl("net.ipv4.tcp_mtu_probing");
  const std::uint64_t silent_ms = silent_ms_of(inputs);
  if (probing != 0 || inputs.info("backoff") < kLeastBackoff || !forbids_fragments(inputs)) return std::nullopt;
  if (!fills_path(inputs) || !only_small_arrived(inputs)) return std::nullopt;
  // It was a quarter of what it is now, then half: so much time at least has passed since the first retransmission.
  const bool alive = silent_ms * 1000 < inputs.info("rto") / 4 * 3;
  Symptom symptom;
  symptom.evidence = {count_of("backoff", inputs.info("backoff")), bytes_of("snd_mss", inputs.info("snd_mss")),
                      bytes_of("pmtu", inputs.info("pmtu")), number_of("last_heard", silent_ms, Unit::Milliseconds),
                      count_of("net.ipv4.tcp_mtu_probing", probing)};
  symptom.why = why_silent(inputs);
  if (alive) {
    symptom.severity = Severity::Error;
    symptom.why = fmt::format(
        "The peer was heard from {} ago and small segments arrived, but full ones have been sent again {} times "
        "without an answer: packets of {} bytes vanish on the path, and no router says so.",
        format_duration(std::chrono::milliseconds(silent_ms)), inputs.info("backoff"), inputs.info("pmtu"));
  }
  return symptom;
}

constexpr std::array kTransmitDelayInputs{option("TCP_TX_DELAY"), observed("egress_qdisc")};
/// They send what they have at once and hold no other discipline that would not.
constexpr std::array<std::string_view, 11> kWithoutTimes{"bfifo", "cake",  "choke",      "codel", "fq_codel", "fq_pie",
                                                         "hhf",   "pfifo", "pfifo_fast", "pie",   "sfq"};

/// An interface without a queue may stand on one that has a queue; loopback does not.
bool ignores_times(std::string_view qdisc, const Snapshot& snapshot) {
  if (qdisc == "noqueue") return is_loopback(snapshot.peer);
  return std::ranges::find(kWithoutTimes, qdisc) != kWithoutTimes.end();
}

std::optional<Symptom> delay_without_fq(const Inputs& inputs) {
  const Observation& seen = inputs.observation();
  const std::int64_t delay_us = inputs.option("TCP_TX_DELAY");
  if (delay_us <= 0 || !ignores_times(*seen.egress_qdisc, seen.snapshot)) return std::nullopt;
  Symptom symptom;
  symptom.evidence = {number_of("tx_delay", delay_us, Unit::Microseconds), text_of("egress_qdisc", *seen.egress_qdisc)};
  symptom.why = fmt::format(
      "{} sends at once: nothing is delayed, but the kernel adds {} to every round trip it measures, and so to the "
      "retransmission timeout.",
      *seen.egress_qdisc, format_duration(std::chrono::microseconds(delay_us)));
  if (const Outcome* asked = asked_for(seen, "TCP_TX_DELAY")) {
    symptom.remedy = fmt::format("leave out {}, or put fq on the interface: tc qdisc replace dev DEVICE root fq",
                                 flag_of(asked->setting));
  }
  return symptom;
}

constexpr std::array kRules{
    Rule{
        .id = "F25",
        .name = "retransmissions",
        .severity = Severity::Warning,
        .title = "much of what is sent is sent again",
        .condition =
            "tcpi_bytes_retrans is more than 1 % of tcpi_bytes_sent and more than 10 segments, over more than "
            "100 kB sent: less is chance. A note where both ends are on this host. Where the peer reports duplicates "
            "(tcpi_dsack_dups) for more than "
            "half of it, the retransmissions were not needed.",
        .why = "The path loses segments, and each loss makes the sender slow down.",
        .remedy = "find where the path loses: a full queue, a policer, a bad link or duplex; a congestion control that "
                  "does not take every loss for congestion (bbr) suffers less",
        .source = "RFC 8985, RFC 2883",
        .inputs = kLossInputs,
        .check = retransmissions,
    },
    Rule{
        .id = "F26",
        .name = "slow-loss-recovery",
        .severity = Severity::Warning,
        .title = "losses were mended by timeouts, for what is faster is off",
        .condition = "tcpi_total_rto and tcpi_bytes_retrans grew and the connection goes on, while "
                     "net.ipv4.tcp_early_retrans is neither 3 nor 4, or selective acknowledgements were not agreed on.",
        .why = "Without a tail loss probe the last segments of a burst, when they are lost, are missed only by the "
               "timeout, which also sets the congestion window back to the start.",
        .remedy = "sysctl -w net.ipv4.tcp_early_retrans=3",
        .source = "RFC 8985 section 7, RFC 2018, ip-sysctl",
        .inputs = kTimeoutInputs,
        .check = slow_recovery,
    },
    Rule{
        .id = "F27",
        .name = "small-mss",
        .severity = Severity::Warning,
        .title = "segments are small",
        .condition = "tcpi_snd_mss, with 12 bytes of options, is below 536, which every host must take, or below 70 % "
                     "of what the interface or the path MTU and Ethernet allow, which no usual tunnel takes away. "
                     "Not when the window holds two such segments or less: then the window is the bound.",
        .why = "Headers and the work for each packet take a great part of every small segment.",
        .remedy = "look for an MSS option rewritten on the path (tcpdump the SYN at both ends), a small MTU at the "
                  "peer, and TCP_MAXSEG of either program",
        .source = "RFC 9293 section 3.7.1, RFC 1191, tcp(7)",
        .inputs = kSegmentInputs,
        .check = small_segments,
    },
    Rule{
        .id = "F28",
        .name = "mtu-black-hole",
        .severity = Severity::Warning,
        .title = "large segments get no answer",
        .condition = "The retransmission timeout was doubled 3 times or more, full segments fill the path MTU of more "
                     "than 1280 bytes and may not be fragmented, what was acknowledged before was less than half as "
                     "long on average, and net.ipv4.tcp_mtu_probing is 0. An error when the peer was heard from "
                     "after the first retransmission.",
        .why = "Packets as long as the path MTU may vanish on a narrower link whose ICMP answers are filtered. A peer "
               "or path that died looks the same: ping with the don't-fragment bit, in both sizes, tells them apart.",
        .remedy =
            "sysctl -w net.ipv4.tcp_mtu_probing=1, or let ICMP (fragmentation needed, packet too big) through, or "
            "give the route the smaller mtu",
        .source = "RFC 4821, RFC 8899, RFC 2923",
        .inputs = kBlackHoleInputs,
        .check = black_hole,
    },
    Rule{
        .id = "F29",
        .name = "tx-delay-without-fq",
        .severity = Severity::Warning,
        .title = "TCP_TX_DELAY delays nothing here",
        .condition = "TCP_TX_DELAY is above 0 and the queueing discipline towards the peer is known not to hold "
                     "packets until their time, as fq and etf do.",
        .why = "The queueing discipline sends at once, but the kernel adds the delay to every round trip it measures.",
        .remedy = "set TCP_TX_DELAY back to 0, or put fq on the interface: tc qdisc replace dev DEVICE root fq",
        .source = "net/ipv4/tcp.c, tc-fq(8)",
        .inputs = kTransmitDelayInputs,
        .check = delay_without_fq,
    },
};

}  // namespace

std::span<const Rule> path_rules() {
  return kRules;
}

}  // namespace tcpkit
