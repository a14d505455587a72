// Where each value comes from: special rules first, then what every row says of itself.
#include <tcpkit/sock/provenance.hpp>

#include <algorithm>
#include <array>
#include <cassert>

#include <fmt/format.h>
#include <sys/socket.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/sock/unit.hpp>

#include "sock/snapshot_facts.hpp"

namespace tcpkit {
namespace {

struct Context {
  const Snapshot& snapshot;
  const Snapshot* untouched;
  std::span<const Outcome> outcomes;
  SysctlValues& sysctls;
  bool notes = true;
};

const Outcome* outcome_of(const Context& context, std::string_view symbol) {
  const auto last = std::find_if(context.outcomes.rbegin(), context.outcomes.rend(), [&](const Outcome& outcome) {
    return outcome.setting.option != nullptr && outcome.setting.option->symbol == symbol;
  });
  return last == context.outcomes.rend() ? nullptr : &*last;
}

std::int64_t value_of(const Context& context, std::string_view symbol) {
  return number(context.snapshot, symbol).value_or(0);
}

// One setting often moves a second option: asking for the first explains the second.
struct Consequence {
  std::string_view cause;
  std::string_view symbol;
  std::string_view why;
};

constexpr std::array kConsequences = {
    Consequence{"SO_RCVBUFFORCE", "SO_RCVBUF", "forced past net.core.rmem_max and doubled"},
    Consequence{"SO_SNDBUFFORCE", "SO_SNDBUF", "forced past net.core.wmem_max and doubled"},
    Consequence{"SO_RCVLOWAT", "SO_RCVBUF", "grown to hold the low-water mark"},
    Consequence{"SO_RCVBUF", "SO_BUF_LOCK", "an explicit receive buffer turns its autotuning off"},
    Consequence{"SO_SNDBUF", "SO_BUF_LOCK", "an explicit send buffer turns its autotuning off"},
    Consequence{"SO_RCVBUFFORCE", "SO_BUF_LOCK", "an explicit receive buffer turns its autotuning off"},
    Consequence{"SO_SNDBUFFORCE", "SO_BUF_LOCK", "an explicit send buffer turns its autotuning off"},
    Consequence{"IP_TOS", "SO_PRIORITY", "IP_TOS sets the priority too"},
    Consequence{"SO_BINDTODEVICE", "SO_BINDTOIFINDEX", "the index of that interface"},
    Consequence{"SO_BINDTOIFINDEX", "SO_BINDTODEVICE", "the name of that interface"},
    Consequence{"IP_FREEBIND", "IPV6_FREEBIND", "the same bit"},
    Consequence{"IPV6_FREEBIND", "IP_FREEBIND", "the same bit"},
    Consequence{"IP_TRANSPARENT", "IPV6_TRANSPARENT", "the same bit"},
    Consequence{"IPV6_TRANSPARENT", "IP_TRANSPARENT", "the same bit"},
    Consequence{"SO_TIMESTAMPNS", "SO_TIMESTAMP", "the same bit, finer"},
};

/// What the user typed for it. A flag that stands for an option (--interface) is in the text itself.
std::string typed(const Setting& setting) {
  return setting.text.starts_with("--") ? setting.text : "-o " + setting.text;
}

bool differs_from_untouched(const Context& context, const OptionReading& reading_now) {
  if (context.untouched == nullptr) return false;
  return reading(*context.untouched, *reading_now.option).value != reading_now.value;
}

std::optional<Provenance> from_consequence(const Context& context, const OptionReading& reading_now) {
  if (context.outcomes.empty() || !differs_from_untouched(context, reading_now)) return std::nullopt;
  for (const Consequence& row : kConsequences) {
    if (row.symbol != reading_now.option->symbol) continue;
    const Outcome* cause = outcome_of(context, row.cause);
    if (cause == nullptr) continue;
    return Provenance{Origin::Requested, {}, fmt::format("by {}: {}", typed(cause->setting), row.why)};
  }
  return std::nullopt;
}

std::string asked_text(const Outcome& outcome) {
  const Setting& setting = outcome.setting;
  return setting.option != nullptr ? format_value(*setting.option, setting.value) : setting.text;
}

Provenance from_request(const Outcome& outcome) {
  const std::string asked = outcome.effect == Effect::Exact ? "" : fmt::format("asked {}: ", asked_text(outcome));
  const Sysctl* sysctl = outcome.sysctl.empty() ? nullptr : find_sysctl(outcome.sysctl);
  return {Origin::Requested, sysctl ? sysctl->name : std::string_view(), asked + outcome.why};
}

std::string autotuning_range(const Context& context, std::string_view sysctl) {
  if (!context.notes) return {};
  return fmt::format("{}[1] = {}, grows up to [2] = {}", sysctl, text_of(context.sysctls.number(sysctl, 1)),
                     text_of(context.sysctls.number(sysctl, 2)));
}

/// -o buf-lock keeps a buffer as it is, without having set it.
bool locked_where_it_was(const Context& context, std::int64_t held, std::string_view sysctl) {
  return outcome_of(context, "SO_BUF_LOCK") != nullptr && context.sysctls.number(sysctl, 1) == held;
}

Provenance trace_buffer(const Context& context, std::string_view symbol, std::int64_t held, std::int64_t lock,
                        std::string_view sysctl) {
  if (is_locked(context.snapshot, lock)) {
    if (locked_where_it_was(context, held, sysctl)) {
      return {Origin::Sysctl, sysctl, fmt::format("{}[1] = {}; SO_BUF_LOCK keeps it there", sysctl, held)};
    }
    return {Origin::Unknown, {}, "set explicitly (SO_BUF_LOCK), so that autotuning is off"};
  }
  const auto initial = context.sysctls.number(sysctl, 1);
  if (!initial) return {Origin::Unknown, sysctl, fmt::format("{} is unreadable", sysctl)};
  const std::string note = autotuning_range(context, sysctl);
  if (*initial == held) return {Origin::Sysctl, sysctl, note};
  const bool lock_known = reading(context.snapshot, "SO_BUF_LOCK").value.has_value();
  const bool as_untouched = context.untouched != nullptr && number(*context.untouched, symbol) == held;
  if (!lock_known && !as_untouched) {
    return {Origin::Unknown, {}, "set explicitly or autotuned: this kernel does not tell which (SO_BUF_LOCK)"};
  }
  return {Origin::Autotuned, sysctl, note};
}

Provenance trace_rcvbuf(const Context& context, std::int64_t held) {
  Provenance found = trace_buffer(context, "SO_RCVBUF", held, kRcvbufLock, "net.ipv4.tcp_rmem");
  const bool moderated = context.sysctls.number("net.ipv4.tcp_moderate_rcvbuf").value_or(1) != 0;
  if (found.origin == Origin::Sysctl && !moderated) {
    found.note = fmt::format("net.ipv4.tcp_rmem[1] = {}; autotuning is off: net.ipv4.tcp_moderate_rcvbuf = 0", held);
  }
  return found;
}

Provenance trace_sndbuf(const Context& context, std::int64_t held) {
  return trace_buffer(context, "SO_SNDBUF", held, kSndbufLock, "net.ipv4.tcp_wmem");
}

Provenance trace_maxseg(const Context& context, std::int64_t) {
  if (context.snapshot.peer.family() == AF_UNSPEC) return {Origin::KernelDefault, {}, "not connected"};
  const auto advertised = info_number(context.snapshot, "advmss");
  const auto mtu = info_number(context.snapshot, "pmtu");
  std::string note = "what both ends and the path allow, less TCP options";
  if (advertised && mtu) note += fmt::format("; we offered {}, path MTU {}", *advertised, *mtu);
  return {Origin::Negotiated, {}, std::move(note)};
}

/// tcp_set_window_clamp() (net/ipv4/tcp.c) leaves no mark that tells its value from one that the kernel derived.
Provenance trace_window_clamp(const Context& context, std::int64_t held) {
  const bool own = !context.outcomes.empty() || context.untouched == &context.snapshot;
  if (own || (context.untouched != nullptr && number(*context.untouched, "TCP_WINDOW_CLAMP") == held)) {
    return {Origin::Autotuned, {}, "the kernel derives it from the receive buffer"};
  }
  return {
      Origin::Unknown, {}, "derived from the receive buffer, or set by the program: the kernel does not tell which"};
}

Provenance trace_path_mtu(const Context&, std::int64_t) {
  return {Origin::Autotuned, {}, "of the route to the peer, or less where path MTU discovery found less"};
}

Provenance trace_buf_lock(const Context&, std::int64_t held) {
  if (held == 0) return {Origin::KernelDefault, {}, "both buffers are autotuned"};
  return {Origin::Unknown, {}, "a buffer was set explicitly: its autotuning is off"};
}

Provenance trace_user_timeout(const Context& context, std::int64_t held) {
  if (held != 0) return {Origin::Unknown, {}, "set by the program"};
  const auto retries2 = context.notes ? context.sysctls.number("net.ipv4.tcp_retries2") : std::nullopt;
  if (!retries2) return {Origin::KernelDefault, "net.ipv4.tcp_retries2", "net.ipv4.tcp_retries2 decides"};
  return {Origin::KernelDefault, "net.ipv4.tcp_retries2", fmt::format("net.ipv4.tcp_retries2 = {} decides", *retries2)};
}

Provenance trace_notsent_lowat(const Context& context, std::int64_t held) {
  if (held != 0) return {Origin::Unknown, {}, "set by the program"};
  const std::string_view name = "net.ipv4.tcp_notsent_lowat";
  if (!context.notes) return {Origin::Sysctl, name, {}};
  constexpr std::int64_t kNoLimit = UINT32_MAX;
  const auto limit = context.sysctls.number(name);
  return {Origin::Sysctl, name, fmt::format("{} = {}", name, limit == kNoLimit ? "no limit" : text_of(limit))};
}

Provenance trace_quickack(const Context&, std::int64_t held) {
  const bool quick = held != 0;
  return {Origin::KernelDefault, "net.ipv4.tcp_pingpong_thresh",
          quick ? "a state that ends by itself" : "a state: ACKs are delayed now, by 40 ms or more"};
}

Provenance trace_keepalive(const Context&, std::int64_t held) {
  if (held != 0) return {Origin::Unknown, {}, "set by the program"};
  return {Origin::KernelDefault, {}, "no probes while idle"};
}

Provenance trace_nodelay(const Context&, std::int64_t held) {
  if (held != 0) return {Origin::Unknown, {}, "set by the program"};
  return {Origin::KernelDefault, {}, "small writes wait for an ACK (Nagle)"};
}

Provenance trace_acceptconn(const Context&, std::int64_t held) {
  if (held != 0) return {Origin::Unknown, {}, "the program called listen()"};
  return {Origin::KernelDefault, {}, "not a listening socket"};
}

// tcp_v4_rcv() (net/ipv4/tcp_ipv4.c) notes the processor of each packet, but not for listeners.
Provenance trace_incoming_cpu(const Context& context, std::int64_t held) {
  if (held == -1) return {Origin::KernelDefault, {}, {}};
  if (value_of(context, "SO_ACCEPTCONN") != 0) return {Origin::Unknown, {}, "set by the program"};
  return {Origin::Autotuned, {}, "of the last packet; changes while the connection lives"};
}

Provenance trace_is_mptcp(const Context&, std::int64_t held) {
  if (held != 0) return {Origin::Negotiated, {}, "multipath TCP, agreed with the peer"};
  return {Origin::KernelDefault, {}, "plain TCP"};
}

// net/ipv4/ip_sockglue.c returns inet_num, in which raw sockets have their protocol and TCP has its local port.
Provenance trace_ip_protocol(const Context&, std::int64_t held) {
  if (held == 0) return {Origin::KernelDefault, {}, {}};
  return {Origin::KernelDefault, {}, "the local port: TCP keeps it where raw sockets have their protocol"};
}

struct Row {
  std::string_view symbol;
  Provenance (*trace)(const Context&, std::int64_t held);
};

constexpr std::array kRules = {
    Row{"SO_RCVBUF", trace_rcvbuf},
    Row{"SO_SNDBUF", trace_sndbuf},
    Row{"SO_BUF_LOCK", trace_buf_lock},
    Row{"SO_ACCEPTCONN", trace_acceptconn},
    Row{"SO_INCOMING_CPU", trace_incoming_cpu},
    Row{"SO_KEEPALIVE", trace_keepalive},
    Row{"TCP_NODELAY", trace_nodelay},
    Row{"TCP_MAXSEG", trace_maxseg},
    Row{"TCP_WINDOW_CLAMP", trace_window_clamp},
    Row{"TCP_QUICKACK", trace_quickack},
    Row{"TCP_USER_TIMEOUT", trace_user_timeout},
    Row{"TCP_NOTSENT_LOWAT", trace_notsent_lowat},
    Row{"TCP_IS_MPTCP", trace_is_mptcp},
    Row{"IP_MTU", trace_path_mtu},
    Row{"IP_PROTOCOL", trace_ip_protocol},
    Row{"IPV6_MTU", trace_path_mtu},
};

/// By the number of its option's row; those without a rule of their own have nullptr.
std::vector<const Row*> rules_by_row() {
  std::vector<const Row*> rules(options().size());
  for (const Row& rule : kRules) rules[row_number(*find_option(rule.symbol))] = &rule;
  return rules;
}

std::optional<Provenance> from_rule(const Context& context, const OptionReading& reading_now) {
  static const std::vector<const Row*> kRulesByRow = rules_by_row();
  const Row* rule = kRulesByRow[row_number(*reading_now.option)];
  if (rule == nullptr) return std::nullopt;
  return rule->trace(context, number_in(reading_now).value_or(0));
}

bool equals_sysctl(const Context& context, const Option& option, const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return context.sysctls.text(option.default_sysctl) == *text;
  const auto held = context.sysctls.number(option.default_sysctl, std::max(option.default_index, 0));
  if (const auto* on = std::get_if<bool>(&value)) return held == (*on ? 1 : 0);
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr && held == *number;
}

std::optional<Provenance> from_sysctl(const Context& context, const OptionReading& reading_now) {
  const Option& option = *reading_now.option;
  if (option.default_sysctl.empty() || !equals_sysctl(context, option, *reading_now.value)) return std::nullopt;
  return Provenance{Origin::Sysctl, option.default_sysctl, std::string(option.default_sysctl)};
}

/// Nobody asked here, and the value is not that of the sysctl either: who else can have set it.
Provenance from_elsewhere(const Context& context, const Option& option) {
  if (option.default_sysctl.empty()) return {Origin::Unknown, {}, {}};
  const SysctlReading& held = context.sysctls.get(option.default_sysctl);
  if (!held.value) return {Origin::Unknown, {}, {}};
  const bool congestion = option.symbol == "TCP_CONGESTION";  // ip-route(8), congctl
  return {Origin::Unknown,
          {},
          fmt::format("not {} = {}: set by {}", option.default_sysctl, format_value(*held.value, Unit::None),
                      congestion ? "a program or by the route" : "a program")};
}

/// A socket that is its own example of an untouched one can still have got a value from its route.
bool set_elsewhere(const Context& context, const OptionReading& reading_now) {
  const Option& option = *reading_now.option;
  const bool is_the_example = context.untouched == &context.snapshot;
  if (is_the_example) return !option.default_sysctl.empty() && context.sysctls.get(option.default_sysctl).value;
  return context.untouched == nullptr || differs_from_untouched(context, reading_now);
}

Provenance trace_one(const Context& context, const OptionReading& reading_now) {
  const Option& option = *reading_now.option;
  if (const Outcome* outcome = outcome_of(context, option.symbol)) return from_request(*outcome);
  if (!reading_now.value) return {Origin::Unknown, {}, {}};
  if (auto found = from_consequence(context, reading_now)) return *found;
  if (auto found = from_rule(context, reading_now)) return *found;
  if (auto found = from_sysctl(context, reading_now)) return *found;
  if (option.nature == Nature::Identity) return {Origin::KernelDefault, {}, "fixed for the life of the socket"};
  if (option.nature == Nature::Measurement)
    return {Origin::Autotuned, {}, "measured; changes while the connection lives"};
  if (set_elsewhere(context, reading_now)) return from_elsewhere(context, option);
  return {Origin::KernelDefault, {}, {}};
}

}  // namespace

std::string_view origin_name(Origin origin) noexcept {
  switch (origin) {
    case Origin::Requested:
      return "requested";
    case Origin::KernelDefault:
      return "kernel default";
    case Origin::Sysctl:
      return "sysctl";
    case Origin::Inherited:
      return "inherited";
    case Origin::Negotiated:
      return "negotiated";
    case Origin::Autotuned:
      return "autotuned";
    case Origin::Unknown:
      break;
  }
  return "unknown";
}

std::vector<Provenance> trace(const Snapshot& snapshot, const Snapshot* untouched, std::span<const Outcome> outcomes,
                              SysctlValues& sysctls) {
  const Context context{snapshot, untouched, outcomes, sysctls};
  std::vector<Provenance> found;
  found.reserve(snapshot.options.size());
  for (const OptionReading& reading_now : snapshot.options) found.push_back(trace_one(context, reading_now));
  return found;
}

Provenance trace(const OptionReading& reading_now, const Snapshot& snapshot, const Snapshot* untouched,
                 SysctlValues& sysctls, Notes notes) {
  return trace_one({snapshot, untouched, {}, sysctls, notes == Notes::Written}, reading_now);
}

void trace_inherited(std::span<const OptionReading> accepted, const Snapshot& listener, std::span<Provenance> origins) {
  assert(accepted.size() == origins.size());
  for (std::size_t at = 0; at < accepted.size(); ++at) {
    const OptionReading& held = accepted[at];
    const bool handed_down = held.option->inherit == Inherit::Yes && held.option->nature == Nature::Setting;
    const bool unexplained = held.value && origins[at].origin == Origin::Unknown;
    if (!handed_down || !unexplained || reading(listener, *held.option).value != held.value) continue;
    origins[at] = {Origin::Inherited, {}, "as its listener has it"};
  }
}

}  // namespace tcpkit
