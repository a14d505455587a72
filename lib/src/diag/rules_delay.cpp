#include <array>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/sock/endpoint.hpp>

#include "diag/advice.hpp"
#include "diag/evidence.hpp"
#include "diag/inputs.hpp"
#include "diag/knowledge.hpp"
#include "diag/rule_groups.hpp"

namespace tcpkit {
namespace {

constexpr std::array kNagleInputs{option("TCP_NODELAY"), option("TCP_CORK"), info("rtt"), observed("requests"),
                                  helpful(counter("DelayedACKs"))};
/// The first replies on a connection are acknowledged at once (up to 16 quick ACKs): the middle of fewer is theirs.
constexpr std::uint64_t kLeastRequests = 20;
/// TCP_DELACK_MIN is 40 ms; a round trip measured in the handshake may be a little more than one of data.
constexpr std::uint64_t kLeastDelayUs = 38'000;
/// 40 ms, rounded up to two ticks of 10 ms where the kernel's are so long.
constexpr std::uint64_t kMostDelayUs = 60'000;

/// What is left of the median when the round trips are taken off: one for the first piece and its acknowledgment, one
/// for the second piece and the reply. A path of 40 ms and more delays ACKs by its own round trip, and cannot be told
/// from a slow server.
std::uint64_t excess_us(std::uint64_t median_us, std::uint64_t rtt_us) {
  const std::uint64_t travel_us = 2 * rtt_us;
  return rtt_us < kLeastDelayUs && median_us > travel_us ? median_us - travel_us : 0;
}

/// The counter is of this host's receivers: it knows of the peer's only over loopback.
bool denied_by_counter(const Inputs& inputs, std::uint64_t requests) {
  const auto delayed = inputs.counter_if_any("DelayedACKs");
  return is_loopback(inputs.observation().snapshot.peer) && delayed && *delayed * 2 < requests;
}

std::optional<Symptom> nagle_meets_delayed_ack(const Inputs& inputs) {
  const Observation& observation = inputs.observation();
  const RequestTimes& requests = *observation.requests;
  const bool held_back = inputs.option("TCP_NODELAY") == 0 && inputs.option("TCP_CORK") == 0 && requests.in_two_writes;
  const auto rtt_us = path_rtt_us(observation);
  if (!held_back || !rtt_us || requests.requests < kLeastRequests) return std::nullopt;
  const std::uint64_t delay_us = excess_us(requests.median_us, *rtt_us);
  if (delay_us < kLeastDelayUs || delay_us >= kMostDelayUs) return std::nullopt;
  if (denied_by_counter(inputs, requests.requests)) return std::nullopt;
  return Symptom{
      .evidence = {count_of("requests", requests.requests), number_of("median", requests.median_us, Unit::Microseconds),
                   number_of("rtt", *rtt_us, Unit::Microseconds)},
      .why = fmt::format("Requests take {}, at a round trip of {}: the second piece of each waits until the "
                         "first is acknowledged (Nagle), and the peer delays that by 40 ms or more.",
                         microseconds_text(requests.median_us), microseconds_text(*rtt_us)),
      .remedy = fmt::format("write both pieces with one writev(2) or the first with MSG_MORE, or {} here, at "
                            "the writer: at the reader it changes nothing",
                            set_with(observation, "nodelay"))};
}

constexpr std::array kQuickAckInputs{option("TCP_QUICKACK"), observed("ours"), helpful(option("TCP_DELACK_MAX_US"))};

std::string quickack_remedy(const Inputs& inputs, const std::string& flag) {
  const Observation& observation = inputs.observation();
  const std::string always =
      fmt::format("{} in place of {} sets it again after every read", set_with(observation, "quickack=always"), flag);
  if (!inputs.option_if_any("TCP_DELACK_MAX_US")) return always + "; or set nodelay at the peer";
  return fmt::format("{}; or {} bounds the delay; or set nodelay at the peer", always,
                     set_with(observation, "delack-max-us=20ms"));
}

std::optional<Symptom> quickack_was_once(const Inputs& inputs) {
  const Outcome* asked = asked_for(inputs.observation(), "TCP_QUICKACK");
  const bool once = asked != nullptr && !asked->setting.always && asked->setting.value == Value(true);
  if (!once || inputs.option("TCP_QUICKACK") != 0) return std::nullopt;
  const std::string flag = flag_of(asked->setting);
  return Symptom{.evidence = {count_of("quickack", 0)},
                 .why = fmt::format("{} held until the first reply: this end delays acknowledgments again.", flag),
                 .remedy = quickack_remedy(inputs, flag)};
}

constexpr std::array kStuckInputs{option("TCP_CORK"), info("notsent_bytes"), info("snd_mss"), info("unacked"),
                                  info("last_data_sent")};
/// A corked segment leaves after about so long anyway: TCP_RTO_MIN, by the timer of window probes.
constexpr std::uint64_t kCorkTimerMs = 200;

/// With nothing in flight and less than a segment waiting, neither the path nor Nagle's algorithm holds it back.
bool only_cork_holds(const Inputs& inputs) {
  const std::uint64_t waiting = inputs.info("notsent_bytes");
  return inputs.option("TCP_CORK") != 0 && inputs.info("unacked") == 0 && waiting > 0 &&
         waiting < inputs.info("snd_mss");
}

/// A program may just be about to take its cork out; tcpkit never does.
std::optional<Symptom> cork_holds_data(const Inputs& inputs) {
  const std::uint64_t silent_ms = inputs.info("last_data_sent");
  if (!only_cork_holds(inputs) || silent_ms <= kCorkTimerMs) return std::nullopt;
  const Observation& observation = inputs.observation();
  const Outcome* asked = asked_for(observation, "TCP_CORK");
  const std::string waiting = format_bytes(inputs.info("notsent_bytes"));
  return Symptom{
      .evidence = {bytes_of("notsent", inputs.info("notsent_bytes")), bytes_of("mss", inputs.info("snd_mss")),
                   number_of("last_data_sent", silent_ms, Unit::Milliseconds)},
      .why = fmt::format("{} wait for the rest of a segment, and nothing else is on its way: they leave after 200 ms "
                         "unless the cork is taken out.",
                         waiting),
      .remedy = asked != nullptr
                    ? fmt::format("leave out {}", flag_of(asked->setting))
                    : fmt::format("clear TCP_CORK when a message is whole; now: {}", set_with(observation, "cork=off")),
      .severity = asked != nullptr ? Severity::Warning : Severity::Note};
}

constexpr std::array kCorkAndNodelayInputs{option("TCP_CORK"), option("TCP_NODELAY")};

std::optional<Symptom> cork_beats_nodelay(const Inputs& inputs) {
  if (inputs.option("TCP_CORK") == 0 || inputs.option("TCP_NODELAY") == 0) return std::nullopt;
  Symptom symptom{.evidence = {count_of("cork", 1), count_of("nodelay", 1)}};
  if (const Outcome* cork = asked_for(inputs.observation(), "TCP_CORK")) {
    symptom.remedy = fmt::format("leave out {}, or nodelay where whole segments are wanted", flag_of(cork->setting));
  }
  return symptom;
}

constexpr std::array kRules{
    Rule{
        .id = "F08",
        .name = "nagle-delack",
        .severity = Severity::Warning,
        .title = "a request in two writes waits for a delayed ACK",
        .condition =
            "TCP_NODELAY and TCP_CORK are off, 20 requests or more were written in two pieces, and their median is "
            "two round trips and 38 to 60 ms: the 40 ms of a delayed ACK, rounded to the kernel's tick. Over loopback "
            "TcpExt DelayedACKs, if known, grew for at least half of them.",
        .why = "The second piece waits until the first is acknowledged (Nagle), and the peer delays that by 40 ms.",
        .remedy =
            "write both pieces with one writev(2) or MSG_MORE, or set TCP_NODELAY at the writer: at the reader it "
            "changes nothing",
        .source = "RFC 896, RFC 1122 section 4.2.3.4, tcp(7)",
        .inputs = kNagleInputs,
        .check = nagle_meets_delayed_ack,
    },
    Rule{
        .id = "F09",
        .name = "quickack-once",
        .severity = Severity::Note,
        .title = "TCP_QUICKACK is off again",
        .condition = "TCP_QUICKACK was set once, and reads 0 now.",
        .why = "TCP_QUICKACK is no setting but a state: it ends when the program answers what it read.",
        .remedy = "set it again after every read, bound the delay with TCP_DELACK_MAX_US (since 6.15), or set "
                  "TCP_NODELAY at the peer",
        .source = "tcp(7), RFC 1122 section 4.2.3.2",
        .inputs = kQuickAckInputs,
        .check = quickack_was_once,
    },
    Rule{
        .id = "F10",
        .name = "cork-stuck",
        .severity = Severity::Warning,
        .title = "a cork holds back data",
        .condition =
            "TCP_CORK is on, less than a segment waits, nothing is in flight, and the last data left more than 200 ms "
            "ago. A note where a program of others may be about to take the cork out.",
        .why = "What does not fill a segment waits until the cork is taken out, or for 200 ms.",
        .remedy = "clear TCP_CORK when a message is whole",
        .source = "tcp(7)",
        .inputs = kStuckInputs,
        .check = cork_holds_data,
    },
    Rule{
        .id = "F11",
        .name = "cork-and-nodelay",
        .severity = Severity::Note,
        .subject = Subject::Any,
        .title = "TCP_CORK wins over TCP_NODELAY",
        .condition = "Both are on.",
        .why = "With TCP_CORK on, new data that fills no segment waits in spite of TCP_NODELAY.",
        .remedy = "keep one of them; a program that means to send now clears TCP_CORK",
        .source = "tcp(7)",
        .inputs = kCorkAndNodelayInputs,
        .check = cork_beats_nodelay,
    },
};

}  // namespace

std::span<const Rule> delay_rules() {
  return kRules;
}

}  // namespace tcpkit
