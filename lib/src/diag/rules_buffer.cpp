#include <algorithm>
#include <array>
#include <climits>

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

std::uint64_t receive_buffer(const Inputs& inputs) {
  return static_cast<std::uint64_t>(inputs.option("SO_RCVBUF"));
}

/// "leave out -o rcvbuf=64K", or what to do about a program of others.
std::string let_it_grow(const Observation& observation, const Outcome* asked, std::string_view symbol,
                        std::int64_t other_locks) {
  if (asked != nullptr) return fmt::format("leave out {}", flag_of(asked->setting));
  if (observation.ours) return fmt::format("do not set {}", symbol);
  return fmt::format("do not set {} in the program; for this connection: {}", symbol,
                     set_with(observation, fmt::format("buf-lock={}", other_locks)));
}

constexpr std::array kPinnedInputs{option("SO_BUF_LOCK"),
                                   option("SO_RCVBUF"),
                                   sysctl("net.ipv4.tcp_moderate_rcvbuf"),
                                   sysctl("net.ipv4.tcp_rmem", 2),
                                   info("rcv_ssthresh"),
                                   growth("bytes_received"),
                                   observed("demand")};
/// So many round trips that a window which happened to arrive at either end of the interval counts for little.
constexpr std::uint64_t kLeastRoundTrips = 10;
/// Measured, a transfer held back by its window reaches 88 to 96 % of window / RTT.
constexpr std::uint64_t kFullPercent = 80;

/// Half of a buffer is window at the start; the kernel measures the real share later.
std::uint64_t window_of(const Inputs& inputs) {
  return std::max(inputs.info("rcv_ssthresh"), receive_buffer(inputs) / 2);
}

/// What arrived over the interval, in bytes per second, where that tells whether the window was full.
std::optional<std::uint64_t> receive_rate(const Inputs& inputs, std::uint64_t rtt_us) {
  const std::optional<Nanoseconds>& interval = inputs.observation().interval;
  if (!interval || rtt_us < kLeastPathRttUs) return std::nullopt;
  const auto interval_us = std::chrono::duration_cast<std::chrono::microseconds>(*interval).count();
  if (interval_us < static_cast<std::int64_t>(rtt_us * kLeastRoundTrips)) return std::nullopt;
  return window_rate(inputs.growth("bytes_received"), static_cast<std::uint64_t>(interval_us));
}

bool was_full(const Inputs& inputs, std::uint64_t rtt_us) {
  const auto rate = receive_rate(inputs, rtt_us);
  const auto ceiling = window_rate(inputs.info("rcv_ssthresh"), rtt_us);
  return rate && ceiling && *rate * 100 >= *ceiling * kFullPercent;
}

/// The buffer that carries what the user expects; 0 when that is not said.
std::uint64_t wanted_buffer(const Observation& observation, std::uint64_t rtt_us) {
  const auto& expected = observation.expected.bandwidth_bps;
  return expected ? bandwidth_need(*expected, rtt_us).buffer_bytes : 0;
}

std::string pinned_remedy(const Inputs& inputs, const Outcome* asked, std::uint64_t wanted) {
  const auto cap = static_cast<std::uint64_t>(inputs.sysctl("net.ipv4.tcp_rmem", 2));
  const std::int64_t other_locks = inputs.option("SO_BUF_LOCK") & ~kRcvbufLock;
  const std::string grow = let_it_grow(inputs.observation(), asked, "SO_RCVBUF", other_locks);
  if (wanted == 0) return fmt::format("{}: autotuning reaches net.ipv4.tcp_rmem[2], {}", grow, format_bytes(cap));
  if (wanted <= cap) {
    return fmt::format("{}: autotuning reaches net.ipv4.tcp_rmem[2], {}, and {} are needed", grow, format_bytes(cap),
                       format_bytes(wanted));
  }
  return fmt::format("{}, and let autotuning reach the {} that are needed: net.ipv4.tcp_rmem[2] is {}", grow,
                     format_bytes(wanted), format_bytes(cap));
}

std::string why_pinned(const Inputs& inputs, const Outcome* asked, std::uint64_t rtt_us, bool too_small) {
  const std::string who = asked != nullptr ? flag_of(asked->setting) : "SO_RCVBUF";
  const std::string holds = fmt::format("{} switched autotuning off, and its window's {}", who,
                                        carried(too_small ? window_of(inputs) : inputs.info("rcv_ssthresh"), rtt_us));
  if (!too_small) {
    return fmt::format("{}: {} arrived, so it was full.", holds, format_bit_rate(*receive_rate(inputs, rtt_us) * 8));
  }
  return fmt::format("{}, less than the {} expected.", holds,
                     format_bit_rate(*inputs.observation().expected.bandwidth_bps));
}

std::optional<Symptom> receive_buffer_pinned(const Inputs& inputs) {
  const auto cap = inputs.sysctl("net.ipv4.tcp_rmem", 2);
  const bool pinned = (inputs.option("SO_BUF_LOCK") & kRcvbufLock) != 0;
  const bool would_grow = inputs.sysctl("net.ipv4.tcp_moderate_rcvbuf") != 0 && cap > inputs.option("SO_RCVBUF");
  const auto rtt_us = path_rtt_us(inputs.observation());
  if (!pinned || !would_grow || !rtt_us) return std::nullopt;
  const std::uint64_t wanted = wanted_buffer(inputs.observation(), *rtt_us);
  const bool too_small = wanted / 2 > window_of(inputs);
  if (!too_small && !was_full(inputs, *rtt_us)) return std::nullopt;
  const Outcome* asked = asked_for(inputs.observation(), {"SO_RCVBUF", "SO_RCVBUFFORCE", "SO_BUF_LOCK"});
  const std::uint64_t window = too_small ? window_of(inputs) : inputs.info("rcv_ssthresh");
  Symptom symptom{.evidence = {bytes_of("rcvbuf", receive_buffer(inputs)), bytes_of("window", window),
                               number_of("rtt", *rtt_us, Unit::Microseconds),
                               number_of("ceiling", window_rate(window, *rtt_us).value_or(0), Unit::BytesPerSecond),
                               bytes_of("net.ipv4.tcp_rmem[2]", cap)},
                  .why = why_pinned(inputs, asked, *rtt_us, too_small),
                  .remedy = pinned_remedy(inputs, asked, wanted)};
  if (wanted > 0) symptom.evidence.push_back(bytes_of("needed_rcvbuf", wanted));
  return symptom;
}

constexpr std::array kClampedInputs{option("SO_RCVBUF"), sysctl("net.core.rmem_max"), observed("ours")};

/// What the socket holds decides: another setting may have made good what the limit cut.
std::optional<Symptom> receive_buffer_clamped(const Inputs& inputs) {
  const Outcome* asked = asked_for(inputs.observation(), "SO_RCVBUF");
  if (asked == nullptr) return std::nullopt;
  const auto requested = std::get<std::int64_t>(asked->setting.value);
  const std::int64_t limit = inputs.sysctl("net.core.rmem_max");
  const std::int64_t held = inputs.option("SO_RCVBUF");
  if (requested <= limit || held / 2 >= requested) return std::nullopt;
  return Symptom{
      .evidence = {bytes_of("requested", requested), bytes_of("rcvbuf", held), bytes_of("net.core.rmem_max", limit)},
      .why = fmt::format("{} asked for more than net.core.rmem_max allows, and also switched autotuning off.",
                         flag_of(asked->setting)),
      .remedy = fmt::format("sysctl -w net.core.rmem_max={} in the initial network namespace, or leave out {}",
                            requested, flag_of(asked->setting))};
}

constexpr std::array kSendBufferInputs{growth("sndbuf_limited"),
                                       growth("busy_time"),
                                       info("rtt"),
                                       option("SO_SNDBUF"),
                                       option("SO_BUF_LOCK"),
                                       sysctl("net.ipv4.tcp_wmem", 0),
                                       sysctl("net.ipv4.tcp_wmem", 1),
                                       sysctl("net.ipv4.tcp_wmem", 2)};
/// The clock runs only from when a segment left to when the program is woken: 6 % were measured where a small buffer
/// took six sevenths of the throughput.
constexpr std::uint64_t kSendBufferPercent = 5;

/// What the user's bandwidth needs, but at least twice what did not do.
std::string larger_wmem(const Inputs& inputs, std::int64_t too_small) {
  const std::uint64_t wanted = wanted_buffer(inputs.observation(), path_rtt_us(inputs.observation()).value_or(0));
  const std::uint64_t limit = std::max(wanted, 2 * static_cast<std::uint64_t>(too_small));
  return fmt::format("sysctl -w net.ipv4.tcp_wmem=\"{} {} {}\"", inputs.sysctl("net.ipv4.tcp_wmem", 0),
                     inputs.sysctl("net.ipv4.tcp_wmem", 1), std::min<std::uint64_t>(limit, INT_MAX));
}

std::string send_buffer_remedy(const Inputs& inputs, bool pinned) {
  const std::int64_t held = inputs.option("SO_SNDBUF");
  const std::int64_t cap = inputs.sysctl("net.ipv4.tcp_wmem", 2);
  std::string raise = larger_wmem(inputs, std::max(held, cap)) + ", which new connections get";
  if (!pinned) return raise;
  const Outcome* asked = asked_for(inputs.observation(), {"SO_SNDBUF", "SO_SNDBUFFORCE", "SO_BUF_LOCK"});
  const std::int64_t other_locks = inputs.option("SO_BUF_LOCK") & ~kSndbufLock;
  const std::string grow = let_it_grow(inputs.observation(), asked, "SO_SNDBUF", other_locks);
  if (held >= cap) return fmt::format("{}, and {}", grow, raise);
  return fmt::format("{}: autotuning reaches net.ipv4.tcp_wmem[2], {}", grow,
                     format_bytes(static_cast<std::uint64_t>(cap)));
}

/// A path whose round trip is no longer than it must be has no queue, and would carry more.
bool path_has_room(const Inputs& inputs) {
  const auto least_us = measured_rtt_us(inputs.observation().snapshot);
  return least_us && *least_us >= kLeastPathRttUs && inputs.info("rtt") < 2 * *least_us;
}

/// net/ipv4/tcp_output.c, tcp_cwnd_validate() starts the kernel's clock only when segments leave while a write waits.
/// Without pacing all of a small buffer leaves before the write that finds it full, and the clock stands still: whoever
/// wrote knows better.
bool writes_waited(const Inputs& inputs) {
  return inputs.observation().writes_met_full_buffer && path_has_room(inputs);
}

std::string why_send_buffer(std::uint64_t held, std::optional<std::uint64_t> percent, bool pinned) {
  return fmt::format("All of the {} SO_SNDBUF was on its way, and the program waited for room in it{}; it {}.",
                     format_bytes(held), percent ? fmt::format(", in {} % of the busy time", *percent) : "",
                     pinned ? "was set explicitly, and so does not grow" : "has grown to its limit");
}

/// A buffer that is not pinned and below its cap still grows with the congestion window.
std::optional<Symptom> send_buffer_limits(const Inputs& inputs) {
  const std::uint64_t busy_us = inputs.growth("busy_time");
  const std::uint64_t limited_us = inputs.growth("sndbuf_limited");
  if (busy_us <= kLeastBusyUs) return std::nullopt;
  const bool clocked = limited_us * 100 > busy_us * kSendBufferPercent;
  if (!clocked && !writes_waited(inputs)) return std::nullopt;
  const bool pinned = (inputs.option("SO_BUF_LOCK") & kSndbufLock) != 0;
  const std::int64_t held = inputs.option("SO_SNDBUF");
  const std::int64_t cap = inputs.sysctl("net.ipv4.tcp_wmem", 2);
  if (held < cap && !pinned) return std::nullopt;
  const std::uint64_t percent = limited_us * 100 / busy_us;
  return Symptom{
      .evidence = {percent_of("sndbuf_limited", percent), number_of("busy_time", busy_us, Unit::Microseconds),
                   switch_of("writes_met_full_buffer", inputs.observation().writes_met_full_buffer),
                   bytes_of("sndbuf", held), bytes_of("net.ipv4.tcp_wmem[2]", cap)},
      .why = why_send_buffer(static_cast<std::uint64_t>(held), clocked ? std::optional(percent) : std::nullopt, pinned),
      .remedy = send_buffer_remedy(inputs, pinned)};
}

constexpr std::array kClampInputs{option("TCP_WINDOW_CLAMP"), option("SO_BUF_LOCK"), info("total_rto"),
                                  observed("ours")};

std::optional<Symptom> window_clamp_useless(const Inputs& inputs) {
  const Outcome* asked = asked_for(inputs.observation(), "TCP_WINDOW_CLAMP");
  const bool pinned = (inputs.option("SO_BUF_LOCK") & kRcvbufLock) != 0;
  if (asked == nullptr || pinned) return std::nullopt;
  const auto requested = std::get<std::int64_t>(asked->setting.value);
  if (requested <= 0) return std::nullopt;
  const std::string flag = flag_of(asked->setting);
  return Symptom{
      .evidence = {bytes_of("requested", requested), bytes_of("window_clamp", inputs.option("TCP_WINDOW_CLAMP"))},
      .why = fmt::format("{} does not bound the window: since 6.6 the kernel computes the clamp anew from the "
                         "receive buffer, with the first full segments and whenever it grows.",
                         flag),
      .remedy = fmt::format("to bound the window: {} in place of {}",
                            set_with(inputs.observation(), fmt::format("rcvbuf={}", requested)), flag)};
}

constexpr std::array kUnsentInputs{info("notsent_bytes"),
                                   info("snd_cwnd"),
                                   info("snd_mss"),
                                   growth("bytes_acked"),
                                   growth("busy_time"),
                                   option("TCP_NOTSENT_LOWAT"),
                                   sysctl("net.ipv4.tcp_notsent_lowat")};
/// What a person notices, and what an interactive stream cannot take back.
constexpr std::uint64_t kNoticedUs = 100'000;

/// Whether any amount may wait unsent: 0 stands for the sysctl, and its default for no limit.
bool unsent_unlimited(const Inputs& inputs) {
  const std::int64_t own = inputs.option("TCP_NOTSENT_LOWAT");
  return static_cast<std::uint32_t>(own != 0 ? own : inputs.sysctl("net.ipv4.tcp_notsent_lowat")) == UINT32_MAX;
}

std::optional<Symptom> much_unsent(const Inputs& inputs) {
  const std::uint64_t unsent = inputs.info("notsent_bytes");
  const std::uint64_t in_flight = inputs.info("snd_cwnd") * inputs.info("snd_mss");
  const std::uint64_t rate = rate_while_busy(inputs).value_or(0);
  if (!unsent_unlimited(inputs) || unsent <= 2 * in_flight || rate == 0) return std::nullopt;
  const std::uint64_t wait_us = unsent * 1'000'000 / rate;
  if (wait_us <= kNoticedUs) return std::nullopt;
  return Symptom{
      .evidence = {bytes_of("notsent", unsent), bytes_of("cwnd", in_flight),
                   number_of("rate", rate, Unit::BytesPerSecond), number_of("wait", wait_us, Unit::Microseconds)},
      .why = fmt::format("{} wait in the send buffer that were not sent even once: what is written now "
                         "leaves in {}.",
                         format_bytes(unsent), microseconds_text(wait_us)),
      .remedy = fmt::format("where fresh data matters: {}", set_with(inputs.observation(), "notsent-lowat=128K"))};
}

constexpr std::array kRules{
    Rule{
        .id = "F01",
        .name = "rcvbuf-pinned",
        .severity = Severity::Warning,
        .title = "an explicit receive buffer holds the connection back",
        .condition =
            "SO_BUF_LOCK says that SO_RCVBUF was set, below net.ipv4.tcp_rmem[2], and what its window carries per "
            "round trip is less than --bandwidth; or, at a round trip of 1 ms or more, at least 80 % of that arrived "
            "over ten round trips or more, so that the window was full.",
        .why = "Setting SO_RCVBUF switches autotuning off, which would have reached a larger buffer.",
        .remedy = "do not set SO_RCVBUF, or set it to bandwidth x round trip or more before connect(2) or listen(2)",
        .source = "tcp(7), ip-sysctl tcp_moderate_rcvbuf",
        .inputs = kPinnedInputs,
        .check = receive_buffer_pinned,
    },
    Rule{
        .id = "F02",
        .name = "rcvbuf-clamped",
        .severity = Severity::Warning,
        .subject = Subject::Any,
        .title = "the receive buffer is smaller than asked for",
        .condition =
            "SO_RCVBUF was asked to be larger than net.core.rmem_max, and does not hold twice what was asked for.",
        .why =
            "The kernel doubles what SO_RCVBUF asks for, but at most net.core.rmem_max, and then no longer tunes it.",
        .remedy = "raise net.core.rmem_max in the initial network namespace, or do not set SO_RCVBUF",
        .source = "socket(7), net/core/sock.c",
        .inputs = kClampedInputs,
        .check = receive_buffer_clamped,
    },
    Rule{
        .id = "F06",
        .name = "sndbuf-limited",
        .severity = Severity::Warning,
        .title = "the send buffer holds the sender back",
        .condition =
            "tcpi_sndbuf_limited is more than 5 % of tcpi_busy_time over more than 100 ms of it, and SO_SNDBUF was "
            "set explicitly or has reached net.ipv4.tcp_wmem[2]: before that it still grows. The share is small even "
            "where the loss is large, as the kernel's clock runs for a part of the wait only, or not at all without "
            "pacing: of what tcpkit sends itself it is enough that most looks met a full buffer with room in the "
            "congestion window, at a round trip of 1 ms or more that is less than twice the least one.",
        .why = "Everything in the send buffer was on its way, and the program waited for room in it.",
        .remedy = "do not set SO_SNDBUF, or raise net.ipv4.tcp_wmem[2]",
        .source = "tcp(7), RFC 4898",
        .inputs = kSendBufferInputs,
        .check = send_buffer_limits,
    },
    Rule{
        .id = "F07",
        .name = "window-clamp-useless",
        .severity = Severity::Warning,
        .title = "TCP_WINDOW_CLAMP does not bound the window",
        .condition =
            "TCP_WINDOW_CLAMP was asked for without SO_RCVBUF, on a kernel that computes it anew (by its TCP_INFO, "
            "6.7 or later; so does 6.6).",
        .why = "The kernel computes the clamp anew from the receive buffer; what stays of it is a small window scale.",
        .remedy = "bound the window with SO_RCVBUF",
        .source = "net/ipv4/tcp_input.c, tcp_measure_rcv_mss()",
        .inputs = kClampInputs,
        .check = window_clamp_useless,
    },
    Rule{
        .id = "F40",
        .name = "bufferbloat-local",
        .severity = Severity::Note,
        .title = "much is queued in the send buffer",
        .condition =
            "More than two congestion windows were not sent even once, at the rate of what was acknowledged per "
            "second of tcpi_busy_time (more than 100 ms of it) they take more than 100 ms to leave, and neither "
            "TCP_NOTSENT_LOWAT nor net.ipv4.tcp_notsent_lowat limits them.",
        .why = "What is written now leaves after all of it: the program can no longer change its mind.",
        .remedy = "set TCP_NOTSENT_LOWAT to 16 to 128 KiB",
        .source = "tcp(7), ip-sysctl tcp_notsent_lowat",
        .inputs = kUnsentInputs,
        .check = much_unsent,
    },
};

}  // namespace

std::span<const Rule> buffer_rules() {
  return kRules;
}

}  // namespace tcpkit
