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

constexpr std::array kClampedInputs{option("SO_RCVBUF"), sysctl("net.core.rmem_max"), observed("ours")};

std::optional<Symptom> receive_buffer_clamped(const Inputs& inputs) {
  const Outcome* asked = asked_for(inputs.observation(), "SO_RCVBUF");
  if (asked == nullptr) return std::nullopt;
  const auto requested = std::get<std::int64_t>(asked->setting.value);
  const std::int64_t limit = inputs.sysctl("net.core.rmem_max");
  if (requested <= limit) return std::nullopt;
  const std::int64_t held = inputs.option("SO_RCVBUF");
  return Symptom{
      .evidence = {bytes_of("requested", requested), bytes_of("rcvbuf", held), bytes_of("net.core.rmem_max", limit)},
      .why = fmt::format("{} asked for more than net.core.rmem_max allows, and also switched autotuning off.",
                         flag_of(asked->setting)),
      .remedy = fmt::format("sysctl -w net.core.rmem_max={} in the initial network namespace, or leave out {}",
                            requested, flag_of(asked->setting))};
}

constexpr std::array kPeerWindowInputs{growth("rwnd_limited"), growth("busy_time"), info("snd_wnd"), info("min_rtt")};
/// Below it the kernel's clocks of a few milliseconds decide, not the window.
constexpr std::uint64_t kLeastBusyUs = 100'000;
/// A sender that waits for the window in a fifth of its busy time loses that fifth of its throughput.
constexpr std::uint64_t kPeerWindowPercent = 20;

std::optional<Symptom> peer_window_limits(const Inputs& inputs) {
  const std::uint64_t busy_us = inputs.growth("busy_time");
  const std::uint64_t limited_us = inputs.growth("rwnd_limited");
  if (busy_us <= kLeastBusyUs || limited_us * 100 <= busy_us * kPeerWindowPercent) return std::nullopt;
  Symptom symptom;
  symptom.evidence = {percent_of("rwnd_limited", limited_us * 100 / busy_us),
                      number_of("busy_time", busy_us, Unit::Microseconds), bytes_of("snd_wnd", inputs.info("snd_wnd")),
                      number_of("min_rtt", inputs.info("min_rtt"), Unit::Microseconds)};
  if (const auto rate = window_rate(inputs.info("snd_wnd"), inputs.info("min_rtt"))) {
    symptom.evidence.push_back(number_of("ceiling", *rate, Unit::BytesPerSecond));
    symptom.why = fmt::format(
        "The sender waited for the peer's receive window in {} % of its busy time: a window of {} at a round trip of "
        "{} "
        "carries {} at most.",
        limited_us * 100 / busy_us, format_bytes(inputs.info("snd_wnd")),
        format_duration(std::chrono::microseconds(inputs.info("min_rtt"))), format_bit_rate(*rate * 8));
  }
  return symptom;
}

constexpr std::array kRules{
    Rule{
        .id = "F02",
        .name = "rcvbuf-clamped",
        .severity = Severity::Warning,
        .subject = Subject::Any,
        .title = "the receive buffer is smaller than asked for",
        .condition = "SO_RCVBUF was asked to be larger than net.core.rmem_max.",
        .why =
            "The kernel doubles what SO_RCVBUF asks for, but at most net.core.rmem_max, and then no longer tunes it.",
        .remedy = "raise net.core.rmem_max in the initial network namespace, or do not set SO_RCVBUF",
        .source = "socket(7), net/core/sock.c",
        .inputs = kClampedInputs,
        .check = receive_buffer_clamped,
    },
    Rule{
        .id = "F05",
        .name = "rwnd-limited",
        .severity = Severity::Warning,
        .title = "the peer's receive window holds the sender back",
        .condition =
            "tcpi_rwnd_limited is more than 20 % of tcpi_busy_time over more than 100 ms of it: less is within "
            "what starting up costs.",
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
