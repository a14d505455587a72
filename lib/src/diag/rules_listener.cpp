#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "diag/advice.hpp"
#include "diag/evidence.hpp"
#include "diag/inputs.hpp"
#include "diag/rule_groups.hpp"

namespace tcpkit {
namespace {

constexpr std::string_view kSomaxconn = "net.core.somaxconn";

/// SOMAXCONN since Linux 5.4, include/linux/socket.h: what fits without a sysctl on most hosts.
constexpr std::uint64_t kAmpleBacklog = 4096;

std::string listen_again(const Observation& observation, std::uint64_t backlog) {
  if (observation.ours) return fmt::format("tcpkit serve --backlog {}", backlog);
  return fmt::format("call listen(2) again with a backlog of {}", backlog);
}

/// A backlog of twice what is in effect, and room for it.
std::string larger_backlog(const Inputs& inputs, std::uint64_t backlog) {
  const std::uint64_t wanted = std::max(kAmpleBacklog, 2 * backlog);
  std::string again = listen_again(inputs.observation(), wanted);
  const std::optional<std::int64_t> most = inputs.sysctl_if_any(kSomaxconn);
  if (!most) return fmt::format("{}, and let {} be no less", again, kSomaxconn);
  if (static_cast<std::uint64_t>(*most) >= wanted) return again;
  return fmt::format("sysctl -w {}={}, then {}", kSomaxconn, wanted, again);
}

constexpr std::array kAcceptQueueInputs{observed("accept_queue"), helpful(sysctl(kSomaxconn)),
                                        helpful(counter("ListenOverflows")), helpful(counter("ListenDrops"))};

/// The kernel also counts a packet that it had no more use for, such as a second SYN of a handshake that is done
/// (discard_and_relse of tcp_v4_rcv(), net/ipv4/tcp_ipv4.c). tcp_listendrop() counts attempts in the namespace, too:
/// who called listen(2) and watched since then knows that no more were lost.
std::uint64_t dropped_attempts(const Inputs& inputs) {
  const Observation& seen = inputs.observation();
  const std::uint64_t drops = seen.accept_queue->drops.value_or(0);
  const auto in_namespace = inputs.counter_if_any("ListenDrops");
  return seen.backlog_asked && in_namespace ? std::min(drops, *in_namespace) : drops;
}

std::string why_accept_queue(const AcceptQueue& queue, std::uint64_t drops, bool full) {
  const std::string lost = drops == 0 ? std::string() : fmt::format(" It has had to drop {} so far.", drops);
  if (full) {
    return fmt::format(
        "{} connections wait to be accepted, and with a backlog of {} no more are let in: those who "
        "connect now get no answer, and try again after a second.{}",
        queue.waiting, queue.backlog, lost);
  }
  return fmt::format(
      "This listener has had to drop {} attempts to connect since listen(2), and each cost its client a "
      "second or more; its queue is not full now.",
      drops);
}

std::optional<Symptom> accept_queue_full(const Inputs& inputs) {
  const AcceptQueue& queue = *inputs.observation().accept_queue;
  const bool full = queue.waiting > queue.backlog;  // sk_acceptq_is_full() of include/net/sock.h
  const std::uint64_t drops = dropped_attempts(inputs);
  if (!full && drops == 0) return std::nullopt;
  Symptom symptom;
  symptom.severity = full ? Severity::Error : Severity::Warning;
  symptom.evidence = {number_of("accept_queue", queue.waiting, Unit::Connections),
                      number_of("backlog", queue.backlog, Unit::Connections)};
  if (queue.drops) symptom.evidence.push_back(count_of("drops", drops));
  if (const auto grown = inputs.counter_if_any("ListenOverflows")) {
    symptom.evidence.push_back(count_of("ListenOverflows", *grown));
  }
  symptom.why = why_accept_queue(queue, drops, full);
  symptom.remedy = "accept(2) faster, or " + larger_backlog(inputs, queue.backlog);
  return symptom;
}

constexpr std::array kClampedInputs{observed("accept_queue"), observed("backlog_asked"), sysctl(kSomaxconn)};

std::optional<Symptom> backlog_clamped(const Inputs& inputs) {
  const std::uint64_t in_effect = inputs.observation().accept_queue->backlog;
  const std::uint64_t asked = *inputs.observation().backlog_asked;
  if (in_effect >= asked) return std::nullopt;
  const auto most = static_cast<std::uint64_t>(inputs.sysctl(kSomaxconn));
  const std::string again = listen_again(inputs.observation(), asked);
  return Symptom{
      .evidence = {number_of("backlog_asked", asked, Unit::Connections),
                   number_of("backlog", in_effect, Unit::Connections), number_of(kSomaxconn, most, Unit::Connections)},
      .why = fmt::format("listen(2) was asked for a backlog of {} and silently gave {}, as much as {} allowed then.",
                         asked, in_effect, kSomaxconn),
      .remedy = most >= asked ? again + ": the sysctl allows it by now"
                              : fmt::format("sysctl -w {}={}, then {}", kSomaxconn, asked, again)};
}

constexpr std::array kSynQueueInputs{observed("accept_queue"), counter("TCPReqQFullDoCookies"),
                                     counter("TCPReqQFullDrop"), helpful(sysctl(kSomaxconn))};

std::optional<Symptom> syn_queue_full(const Inputs& inputs) {
  const std::uint64_t cookies = inputs.counter("TCPReqQFullDoCookies");
  const std::uint64_t drops = inputs.counter("TCPReqQFullDrop");
  if (cookies == 0 && drops == 0) return std::nullopt;
  const std::string larger = larger_backlog(inputs, inputs.observation().accept_queue->backlog);
  Symptom symptom;
  symptom.evidence = {count_of("TCPReqQFullDoCookies", cookies), count_of("TCPReqQFullDrop", drops)};
  symptom.why = fmt::format(
      "A listener of this network namespace had more unfinished handshakes than its backlog: {} "
      "SYNs were dropped, {} were answered with a cookie, which keeps no options but what "
      "timestamps carry.",
      drops, cookies);
  symptom.remedy = drops == 0 ? larger : fmt::format("sysctl -w net.ipv4.tcp_syncookies=1, and {}", larger);
  return symptom;
}

constexpr std::array kHalfOpenInputs{info("state"),       info("unacked"),        info("backoff"),
                                     info("bytes_acked"), info("bytes_received"), info("segs_in")};

/// The SYN counts as one byte: that one is acknowledged on the connecting side, and only there. A server that has taken
/// the handshake sends no second SYN-ACK: tcp_check_req() in net/ipv4/tcp_minisocks.c, tcp_syn_ack_recalc().
std::optional<Symptom> half_open(const Inputs& inputs) {
  if (!is_established(inputs) || inputs.info("unacked") == 0 || inputs.info("backoff") == 0) {
    return std::nullopt;
  }
  if (inputs.info("bytes_acked") != 1 || inputs.info("bytes_received") > 0) return std::nullopt;
  const std::uint64_t heard = inputs.info("segs_in");
  Symptom symptom;
  symptom.evidence = {number_of("unacked", inputs.info("unacked"), Unit::Segments),
                      count_of("backoff", inputs.info("backoff")), number_of("segs_in", heard, Unit::Segments)};
  if (heard > 1) {
    symptom.severity = Severity::Error;
    symptom.why =
        "The server goes on sending its part of the handshake and acknowledges no data: it has ignored the "
        "end of the handshake, as one does whose accept queue is full.";
  }
  return symptom;
}

constexpr std::array kFastopenInputs{option("TCP_FASTOPEN"), sysctl("net.ipv4.tcp_fastopen")};
constexpr std::int64_t kFastopenServer = 2;  // TFO_SERVER_ENABLE of include/net/tcp.h

std::optional<Symptom> fastopen_useless(const Inputs& inputs) {
  const std::int64_t queue = inputs.option("TCP_FASTOPEN");
  const std::int64_t enabled = inputs.sysctl("net.ipv4.tcp_fastopen");
  if (queue <= 0 || (enabled & kFastopenServer) != 0) return std::nullopt;
  Symptom symptom;
  symptom.evidence = {number_of("fastopen", queue, Unit::Connections), count_of("net.ipv4.tcp_fastopen", enabled)};
  symptom.remedy = fmt::format("sysctl -w net.ipv4.tcp_fastopen={}", enabled | kFastopenServer);
  if (const Outcome* asked = asked_for(inputs.observation(), "TCP_FASTOPEN")) {
    symptom.remedy += ", or leave out " + flag_of(asked->setting);
  }
  return symptom;
}

constexpr std::array kCongestionInputs{option("TCP_CONGESTION"), sysctl("net.ipv4.tcp_congestion_control"),
                                       observed("ours")};

std::optional<Symptom> congestion_differs(const Inputs& inputs) {
  const std::string_view held = inputs.option_text("TCP_CONGESTION");
  const std::string_view named = inputs.sysctl_text("net.ipv4.tcp_congestion_control");
  const Observation& observation = inputs.observation();
  if (held == named || asked_for(observation, "TCP_CONGESTION") != nullptr) return std::nullopt;
  return Symptom{.evidence = {text_of("congestion", held), text_of("net.ipv4.tcp_congestion_control", named)},
                 .remedy = fmt::format("listen anew now that the sysctl has changed, or {}",
                                       set_with(observation, fmt::format("congestion={}", named)))};
}

constexpr std::array kRules{
    Rule{
        .id = "F20",
        .name = "accept-queue-full",
        .severity = Severity::Error,
        .subject = Subject::Listener,
        .title = "connections are not accepted as fast as they come",
        .condition = "More connections wait for accept(2) than the backlog in effect, which is when the kernel drops "
                     "what comes next. A warning if the queue has room now, but the listener has dropped some.",
        .why = "A full accept queue drops every new SYN without an answer.",
        .remedy = "accept(2) faster, or raise the backlog and net.core.somaxconn, then call listen(2) again",
        .source = "listen(2), net/ipv4/tcp_input.c tcp_conn_request()",
        .inputs = kAcceptQueueInputs,
        .check = accept_queue_full,
    },
    Rule{
        .id = "F21",
        .name = "backlog-clamped",
        .severity = Severity::Warning,
        .subject = Subject::Listener,
        .title = "the backlog is smaller than asked for",
        .condition = "The backlog in effect is less than listen(2) was called with.",
        .why = "listen(2) silently takes net.core.somaxconn of the network namespace where more is asked for.",
        .remedy = "raise net.core.somaxconn in this network namespace, then call listen(2) again",
        .source = "listen(2), net/socket.c __sys_listen()",
        .inputs = kClampedInputs,
        .check = backlog_clamped,
    },
    Rule{
        .id = "F22",
        .name = "syn-queue-full",
        .severity = Severity::Warning,
        .subject = Subject::Listener,
        .title = "there are more unfinished handshakes than a backlog holds",
        .condition = "TCPReqQFullDoCookies or TCPReqQFullDrop of the network namespace has grown.",
        .why = "Either SYNs flood in or the backlog is small: SYNs are then dropped, or answered with a cookie.",
        .remedy = "raise the backlog, and keep net.ipv4.tcp_syncookies at 1",
        .source = "Documentation/networking/ip-sysctl.rst tcp_syncookies, net/ipv4/tcp_input.c tcp_syn_flood_action()",
        .inputs = kSynQueueInputs,
        .check = syn_queue_full,
    },
    Rule{
        .id = "F23",
        .name = "half-open",
        .severity = Severity::Warning,
        .title = "connected, but the server has acknowledged nothing since",
        .condition = "On the side that connected: data is retransmitted by timeout, nothing but the SYN was ever "
                     "acknowledged and nothing received. An error if the server sends its SYN-ACK again, for then it "
                     "has not taken the connection.",
        .why = "connect(2) has succeeded, but no data gets through: a server whose accept queue is full ignores the "
               "end of the handshake, and so does one that has just died or lost its path.",
        .remedy = "on the server: accept(2) faster or raise the backlog and net.core.somaxconn; with "
                  "net.ipv4.tcp_abort_on_overflow=1 there the connection is reset instead",
        .source = "net/ipv4/tcp_minisocks.c tcp_check_req(), Documentation/networking/ip-sysctl.rst",
        .inputs = kHalfOpenInputs,
        .check = half_open,
    },
    Rule{
        .id = "F24",
        .name = "fastopen-useless",
        .severity = Severity::Warning,
        .subject = Subject::Listener,
        .title = "TCP Fast Open is asked for, but switched off for servers",
        .condition = "TCP_FASTOPEN of the listener is above 0 and net.ipv4.tcp_fastopen lacks the bit 2.",
        .why = "Without that bit the kernel takes no data with a SYN: every connection costs its full round trip.",
        .remedy = "set the bit 2 in net.ipv4.tcp_fastopen of this network namespace",
        .source = "Documentation/networking/ip-sysctl.rst tcp_fastopen, RFC 7413",
        .inputs = kFastopenInputs,
        .check = fastopen_useless,
    },
    Rule{
        .id = "F41",
        .name = "congestion-differs",
        .severity = Severity::Note,
        .subject = Subject::Any,
        .title = "the congestion control is not the one that the sysctl names",
        .condition = "TCP_CONGESTION is not net.ipv4.tcp_congestion_control, on a socket that tcpkit made without "
                     "setting it.",
        .why = "A listener keeps what the sysctl named when it was made, and hands it to what it accepts; and a route "
               "can name another (ip route ... congctl).",
        .remedy = "start the listener anew, or set TCP_CONGESTION",
        .source = "tcp(7) TCP_CONGESTION, ip-route(8) congctl",
        .inputs = kCongestionInputs,
        .check = congestion_differs,
    },
};

}  // namespace

std::span<const Rule> listener_rules() {
  return kRules;
}

}  // namespace tcpkit
