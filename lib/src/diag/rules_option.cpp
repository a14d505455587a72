#include <array>

#include <fmt/format.h>

#include "diag/addressing.hpp"
#include "diag/advice.hpp"
#include "diag/evidence.hpp"
#include "diag/inputs.hpp"
#include "diag/rule_groups.hpp"

namespace tcpkit {
namespace {

constexpr std::array kPriorityInputs{option("SO_PRIORITY"), observed("ours")};

std::optional<Symptom> priority_overwritten(const Inputs& inputs) {
  const Outcome* priority = asked_for(inputs.observation(), "SO_PRIORITY");
  const Outcome* tos = asked_for(inputs.observation(), "IP_TOS");
  if (priority == nullptr || tos == nullptr) return std::nullopt;
  const auto requested = std::get<std::int64_t>(priority->setting.value);
  const std::int64_t held = inputs.option("SO_PRIORITY");
  if (held == requested) return std::nullopt;
  return Symptom{
      .evidence = {count_of("requested", requested), count_of("priority", held)},
      .why = fmt::format("{} came after {} and set the priority to {}.", flag_of(tos->setting),
                         flag_of(priority->setting), held),
      .remedy = fmt::format("give them in this order: {} {}", flag_of(tos->setting), flag_of(priority->setting))};
}

constexpr std::array kLingerInputs{option("SO_LINGER", "onoff"), option("SO_LINGER", "linger")};

std::optional<Symptom> close_resets(const Inputs& inputs) {
  const std::int64_t seconds = inputs.option("SO_LINGER", "linger");
  if (inputs.option("SO_LINGER", "onoff") == 0 || seconds != 0) return std::nullopt;
  Symptom symptom;
  symptom.evidence = {number_of("linger", seconds, Unit::Seconds)};
  if (const Outcome* asked = asked_for(inputs.observation(), "SO_LINGER")) {
    symptom.remedy = fmt::format("leave out {}, unless a reset is what is wanted", flag_of(asked->setting));
  }
  return symptom;
}

constexpr std::array kClassInputs{option("IP_TOS")};

std::optional<Symptom> traffic_class_unused(const Inputs& inputs) {
  const Observation& seen = inputs.observation();
  const std::int64_t traffic_class = number(seen.snapshot, "IPV6_TCLASS").value_or(0);  // IPv4 sockets have none
  const std::int64_t tos = inputs.option("IP_TOS");
  if (!is_mapped(seen.snapshot.peer) || traffic_class == 0 || tos != 0) return std::nullopt;
  return Symptom{.evidence = {count_of("tclass", traffic_class), count_of("tos", tos)},
                 .remedy = change_to(seen, fmt::format("tos={}", traffic_class))};
}

// A negative SO_RCVTIMEO or SO_SNDTIMEO makes every call return at once, but reads back as 0 like none: no rule can see
// it. A congestion control that is available but not allowed never gets as far as a finding: setting it fails.
constexpr std::array kRules{
    Rule{
        .id = "F31",
        .name = "priority-overwritten",
        .severity = Severity::Warning,
        .subject = Subject::Any,
        .title = "IP_TOS has overwritten SO_PRIORITY",
        .condition = "SO_PRIORITY and IP_TOS were both asked for, and SO_PRIORITY is not what was asked.",
        .why = "Setting IP_TOS also sets the priority, to the class that belongs to the TOS byte.",
        .remedy = "set SO_PRIORITY after IP_TOS, and again on every accepted socket",
        .source = "ip(7), net/ipv4/ip_sockglue.c",
        .inputs = kPriorityInputs,
        .check = priority_overwritten,
    },
    Rule{
        .id = "F32",
        .name = "close-resets",
        .severity = Severity::Note,
        .subject = Subject::Any,
        .title = "close() throws unsent data away and resets the connection",
        .condition = "SO_LINGER is on with a time of 0. A note, for some programs mean it.",
        .why = "With a linger time of 0, close() sends a reset: what is still queued is lost, and the peer sees "
               "ECONNRESET instead of the end of the data. Connections from a listener inherit it.",
        .remedy = "leave SO_LINGER off; to close without loss, shutdown(2) and read to the end first",
        .source = "socket(7), RFC 9293 section 3.10.4",
        .inputs = kLingerInputs,
        .check = close_resets,
    },
    Rule{
        .id = "F43",
        .name = "traffic-class-unused",
        .severity = Severity::Warning,
        .title = "IPv4 packets of this IPv6 socket do not carry the traffic class",
        .condition = "The peer of an IPv6 socket has an IPv4 address, IPV6_TCLASS is set and IP_TOS is 0.",
        .why = "The packets of this connection are IPv4 packets, whose TOS byte comes from IP_TOS.",
        .remedy = "set IP_TOS as well",
        .source = "ip(7), ipv6(7), RFC 3542",
        .inputs = kClassInputs,
        .check = traffic_class_unused,
    },
};

}  // namespace

std::span<const Rule> option_rules() {
  return kRules;
}

}  // namespace tcpkit
