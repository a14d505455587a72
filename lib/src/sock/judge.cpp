// What became of each setting: one judge per option whose value the kernel changes, and one for all the rest.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tcpkit/sock/provenance.hpp>

#include "sock/arithmetic.hpp"
#include "sock/named_numbers.hpp"
#include "sock/snapshot_facts.hpp"

namespace tcpkit {
namespace {

struct Case {
  const Setting& setting;
  std::int64_t asked;
  std::int64_t got;
  const Snapshot& snapshot;
  const HostFacts& host;
  SysctlValues& sysctls;
  std::span<const Setting> settings;  // all of them, in the order they were set
};

struct Verdict {
  Effect effect = Effect::Exact;
  std::string why;
  std::string sysctl;
};

Verdict exact() {
  return {};
}

Verdict adjusted(std::string why) {
  return {Effect::Adjusted, std::move(why), {}};
}

Verdict changed(std::string why, std::string_view sysctl = {}) {
  return {Effect::Changed, std::move(why), std::string(sysctl)};
}

bool asked_for(const Case& c, std::string_view symbol) {
  return std::ranges::any_of(c.settings,
                             [&](const Setting& s) { return s.option != nullptr && s.option->symbol == symbol; });
}

/// Setting a buffer locks it; SO_BUF_LOCK may have been set again since. Kernels before 5.15 do not say.
bool unlocked_again(const Case& c, std::int64_t lock) {
  return (number(c.snapshot, "SO_BUF_LOCK").value_or(lock) & lock) == 0;
}

Verdict judge_other_buffer(const Case& c, std::int64_t expected, bool max_known, std::string_view max_sysctl,
                           std::int64_t lock) {
  if (unlocked_again(c, lock)) {
    return changed(fmt::format("the kernel holds {}: SO_BUF_LOCK turned autotuning on again", c.got));
  }
  if (!max_known && c.got < expected) {
    return changed(fmt::format("cut to half of {} by {}, which cannot be read here", c.got, max_sysctl), max_sysctl);
  }
  return changed(fmt::format("the kernel holds {}: changed again after it was set", c.got));
}

/// net/core/sock.c, sk_setsockopt(SO_RCVBUF): min(asked, max), doubled, at least the minimum.
Verdict judge_buffer(const Case& c, std::string_view max_sysctl, std::int64_t least, std::int64_t lock) {
  const auto max = c.sysctls.number(max_sysctl);
  const std::int64_t expected = effective_buffer(c.asked, max.value_or(INT32_MAX), least);
  if (c.got != expected) return judge_other_buffer(c, expected, max.has_value(), max_sysctl, lock);
  if (max && c.asked > *max) {
    return changed(fmt::format("{} = {} allows at most {}, which the kernel doubles", max_sysctl, *max, *max),
                   max_sysctl);
  }
  if (c.got == least && c.asked * 2 < least) {
    return changed(fmt::format("raised to {}, the least this kernel gives", least));
  }
  return adjusted(fmt::format("the kernel doubles it, to leave room for its own bookkeeping; autotuning is {}",
                              unlocked_again(c, lock) ? "on again: SO_BUF_LOCK" : "now off"));
}

Verdict judge_rcvbuf(const Case& c) {
  return judge_buffer(c, "net.core.rmem_max", c.host.least_rcvbuf, kRcvbufLock);
}

Verdict judge_sndbuf(const Case& c) {
  return judge_buffer(c, "net.core.wmem_max", c.host.least_sndbuf, kSndbufLock);
}

/// By SO_BUF_LOCK, or where the kernel does not have that by what was asked for.
bool rcvbuf_is_fixed(const Case& c) {
  const auto locks = number(c.snapshot, "SO_BUF_LOCK");
  return locks ? (*locks & kRcvbufLock) != 0 : asked_for(c, "SO_RCVBUF") || asked_for(c, "SO_RCVBUFFORCE");
}

Verdict judge_rcvlowat(const Case& c) {
  if (c.got == c.asked) return exact();
  if (c.asked == 0) return adjusted("0 means 1");
  if (rcvbuf_is_fixed(c)) {
    return changed(fmt::format("at most half of SO_RCVBUF = {}, which was set as well",
                               number(c.snapshot, "SO_RCVBUF").value_or(0)));
  }
  const auto cap = c.sysctls.number("net.ipv4.tcp_rmem", 2);
  return changed(fmt::format("at most half of net.ipv4.tcp_rmem[2] = {}", cap ? fmt::to_string(*cap) : "?"),
                 "net.ipv4.tcp_rmem");
}

/// Times kept in jiffies read back rounded up.
Verdict judge_jiffies(const Case& c, std::int64_t jiffy) {
  if (c.got == c.asked) return exact();
  if (c.got == round_up(c.asked, jiffy)) {
    return adjusted(fmt::format("rounded up to whole ticks of {} us, the kernel's clock", c.host.jiffy_us));
  }
  return changed(fmt::format("the kernel holds {}", c.got));
}

Verdict judge_microseconds(const Case& c) {
  return judge_jiffies(c, std::max<std::int64_t>(c.host.jiffy_us, 1));
}

Verdict judge_milliseconds(const Case& c) {
  return judge_jiffies(c, std::max<std::int64_t>(c.host.jiffy_us / 1000, 1));
}

Verdict judge_linger2(const Case& c) {
  if (c.got == c.asked) return exact();
  if (c.asked == 0) return adjusted("0 means net.ipv4.tcp_fin_timeout");
  return changed("at most 120 s (TCP_FIN_TIMEOUT_MAX)");
}

Verdict judge_tos(const Case& c) {
  if (c.got == c.asked) return exact();
  if (c.got == tos_on_stream(c.asked)) return changed("the two lowest bits are ECN, which TCP keeps for itself");
  return changed(fmt::format("the kernel holds {:#04x}", c.got));
}

Verdict judge_priority(const Case& c) {
  if (c.got == c.asked) return exact();
  if (asked_for(c, "IP_TOS")) return changed("overwritten by IP_TOS, which sets it too: give -o priority after -o tos");
  return changed(fmt::format("the kernel holds {}", c.got));
}

Verdict judge_maxseg(const Case& c) {
  if (c.got == c.asked || c.asked == 0) return exact();
  if (timestamps_agreed(c.snapshot) && c.got == c.asked - kTimestampOptionBytes) {
    return adjusted(fmt::format("{} bytes of each segment go to the timestamp option", kTimestampOptionBytes));
  }
  if (c.got < c.asked) {
    const auto mtu = info_number(c.snapshot, "pmtu");
    return changed(fmt::format("the segment size in use is smaller: the peer or the path MTU{} allows no more",
                               mtu ? fmt::format(" of {}", *mtu) : ""));
  }
  return changed("the segment size in use is larger: it was fixed before this was set");
}

Verdict judge_window_clamp(const Case& c) {
  const std::int64_t least = c.host.least_rcvbuf / 2;
  if (c.asked > 0 && c.asked < least && c.got == least) {
    return changed(fmt::format("raised to {}, half of the smallest receive buffer", least));
  }
  if (c.asked == 0) return adjusted("0 means none: the kernel derives it from the receive buffer");
  if (c.got != c.asked) {
    return changed(
        "overwritten: the kernel computes it anew from the receive buffer; only -o rcvbuf bounds the window");
  }
  return adjusted("it lowers the window scale of the SYN; later the kernel computes it anew from the receive buffer");
}

Verdict judge_quickack(const Case& c) {
  if (c.got == c.asked) return exact();
  return changed("the kernel left it: quick ACKs are a state that ends by itself");
}

Verdict judge_txrehash(const Case& c) {
  if (c.got == c.asked) return exact();
  if (c.asked == -1) return adjusted("-1 stands for net.core.txrehash");
  return changed(fmt::format("the kernel holds {}", c.got));
}

Verdict judge_busy_poll(const Case& c) {
  if (c.got != c.asked) return changed(fmt::format("the kernel holds {}", c.got));
  if (c.asked == 0 || number(c.snapshot, "SO_INCOMING_NAPI_ID").value_or(0) != 0) return exact();
  return changed("without effect: nothing received yet came from a queue that can be polled (SO_INCOMING_NAPI_ID = 0)");
}

bool listens(const Case& c) {
  return number(c.snapshot, "SO_ACCEPTCONN").value_or(0) != 0;
}

Verdict judge_listener_only(const Case& c) {
  if (c.asked == 0 || (listens(c) && c.got == c.asked)) return exact();
  const std::string held = c.got == c.asked ? "" : fmt::format("the kernel holds {}", c.got);
  if (listens(c)) return changed(held);
  return changed(
      fmt::format("{}{}without effect here: it works on a listening socket", held, held.empty() ? "" : "; "));
}

Verdict judge_defer_accept(const Case& c) {
  Verdict verdict = judge_listener_only(c);
  if (c.got == c.asked || c.got != defer_accept_seconds(c.asked, Seconds(120))) return verdict;
  const std::string kept = fmt::format("kept as whole SYN-ACK retransmissions, {} s", c.got);
  if (listens(c)) return adjusted(kept);
  verdict.why = kept + "; without effect here: it works on a listening socket";
  return verdict;
}

/// A number with a meaning of its own, like -1 for "as the sysctl says", is not kept as such.
bool stands_for_default(const Case& c) {
  return c.setting.option != nullptr &&
         !name_of(c.setting.option->special, static_cast<std::uint64_t>(c.asked)).empty();
}

/// Cut at listen(2) to the sysctl: net/ipv4/tcp.c, tcp_setsockopt(TCP_FASTOPEN) and include/net/request_sock.h.
Verdict judge_fastopen(const Case& c) {
  constexpr std::int64_t kServer = 2;
  if (!listens(c)) return judge_listener_only(c);
  const auto enabled = c.sysctls.number("net.ipv4.tcp_fastopen");
  if (enabled && (*enabled & kServer) == 0 && c.asked > 0) {
    return changed(
        fmt::format("without effect: net.ipv4.tcp_fastopen = {} has no {} in it, servers", *enabled, kServer),
        "net.ipv4.tcp_fastopen");
  }
  const auto most = c.sysctls.number("net.core.somaxconn");
  if (c.got == c.asked || !most || c.got != *most) return judge_listener_only(c);
  return changed(fmt::format("net.core.somaxconn = {} allows no more", *most), "net.core.somaxconn");
}

Verdict judge_others(const Case& c) {
  if (c.setting.option != nullptr && c.setting.option->inert) return changed("accepted and ignored on TCP");
  if (c.setting.option != nullptr && c.setting.option->phase == Phase::Listener) return judge_listener_only(c);
  if (c.got == c.asked) return exact();
  if (stands_for_default(c)) return adjusted(fmt::format("it stands for the default, now {}", c.got));
  return changed(fmt::format("the kernel holds {}", c.got));
}

struct Row {
  std::string_view symbol;
  Verdict (*judge)(const Case&);
};

constexpr std::array kJudges = {
    Row{"SO_RCVBUF", judge_rcvbuf},
    Row{"SO_SNDBUF", judge_sndbuf},
    Row{"SO_RCVLOWAT", judge_rcvlowat},
    Row{"SO_RCVTIMEO", judge_microseconds},
    Row{"SO_SNDTIMEO", judge_microseconds},
    Row{"SO_PRIORITY", judge_priority},
    Row{"SO_TXREHASH", judge_txrehash},
    Row{"SO_BUSY_POLL", judge_busy_poll},
    Row{"TCP_MAXSEG", judge_maxseg},
    Row{"TCP_LINGER2", judge_linger2},
    Row{"TCP_DEFER_ACCEPT", judge_defer_accept},
    Row{"TCP_FASTOPEN", judge_fastopen},
    Row{"TCP_WINDOW_CLAMP", judge_window_clamp},
    Row{"TCP_QUICKACK", judge_quickack},
    Row{"TCP_RTO_MAX_MS", judge_milliseconds},
    Row{"TCP_RTO_MIN_US", judge_microseconds},
    Row{"TCP_DELACK_MAX_US", judge_microseconds},
    Row{"IP_TOS", judge_tos},
    Row{"IPV6_TCLASS", judge_tos},
};

auto judge_for(const Setting& setting) {
  if (setting.option == nullptr) return judge_others;
  const auto row = std::ranges::find_if(kJudges, [&](const Row& r) { return r.symbol == setting.option->symbol; });
  return row == kJudges.end() ? judge_others : row->judge;
}

std::optional<std::int64_t> as_number(const Value& value) {
  if (const auto* on = std::get_if<bool>(&value)) return *on ? 1 : 0;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* large = std::get_if<std::uint64_t>(&value)) {
    return *large <= INT64_MAX ? static_cast<std::int64_t>(*large) : INT64_MAX;
  }
  return std::nullopt;
}

/// The last setting of an option counts: an earlier one was asked for and then replaced by the user.
bool replaced_later(std::span<const Setting> settings, const Setting& setting) {
  return std::any_of(&setting + 1, settings.data() + settings.size(), [&](const Setting& later) {
    return later.level == setting.level && later.number == setting.number;
  });
}

std::optional<Value> effective_value(const Setting& setting, const Snapshot& snapshot) {
  return setting.option == nullptr ? std::nullopt : reading(snapshot, setting.option->symbol).value;
}

/// Switched off, SO_LINGER keeps the time it had (net/core/sock.c): it means nothing then.
bool same_meaning(const Setting& setting, const Value& got) {
  const bool linger = setting.option != nullptr && setting.option->kind == Kind::Linger;
  if (!linger) return setting.value == got;
  const auto& asked = std::get<Structure>(setting.value);
  const auto& held = std::get<Structure>(got);
  return asked == held || (asked.at(0).value == 0 && held.at(0).value == 0);
}

Verdict compare_values(const Setting& setting, const Value& got) {
  if (same_meaning(setting, got)) return exact();
  return changed("the kernel holds another value: " +
                 (setting.option != nullptr ? format_value(*setting.option, got) : std::string()));
}

/// An end outside of the sysctl's range counts as not given: net/ipv4/inet_connection_sock.c,
/// inet_sk_get_local_port_range().
Verdict judge_port_range(const Setting& setting, SysctlValues& sysctls) {
  constexpr std::string_view kSysctl = "net.ipv4.ip_local_port_range";
  const auto low = sysctls.number(kSysctl, 0);
  const auto high = sysctls.number(kSysctl, 1);
  if (!low || !high) return exact();
  const auto ignored = [&](std::int64_t end) { return end != 0 && (end < *low || end > *high); };
  if (std::ranges::none_of(std::get<Numbers>(setting.value), ignored)) return exact();
  return changed(fmt::format("an end outside of {} = {} {} is ignored", kSysctl, *low, *high), kSysctl);
}

Verdict judge_other_kind(const Setting& setting, const Value& got, SysctlValues& sysctls) {
  Verdict verdict = compare_values(setting, got);
  const bool port_range = setting.option != nullptr && setting.option->symbol == "IP_LOCAL_PORT_RANGE";
  return port_range && verdict.effect == Effect::Exact ? judge_port_range(setting, sysctls) : verdict;
}

Outcome judge_one(std::span<const Setting> settings, const Setting& setting, const Snapshot& snapshot,
                  const HostFacts& host, SysctlValues& sysctls) {
  Outcome outcome{setting, effective_value(setting, snapshot), Effect::Unverified, {}, {}};
  if (!outcome.effective) {
    outcome.why = "taken by the kernel, not read back";
    return outcome;
  }
  Verdict verdict;
  const auto asked = as_number(setting.value);
  const auto got = as_number(*outcome.effective);
  if (replaced_later(settings, setting)) {
    verdict = adjusted("given again later: the last one counts");
  } else if (asked && got) {
    verdict = judge_for(setting)(Case{setting, *asked, *got, snapshot, host, sysctls, settings});
  } else {
    verdict = judge_other_kind(setting, *outcome.effective, sysctls);
  }
  outcome.effect = verdict.effect;
  outcome.why = std::move(verdict.why);
  outcome.sysctl = std::move(verdict.sysctl);
  return outcome;
}

}  // namespace

std::vector<Outcome> judge(std::span<const Setting> settings, const Snapshot& snapshot, const HostFacts& host,
                           SysctlValues& sysctls) {
  std::vector<Outcome> outcomes;
  for (const Setting& setting : settings) {
    outcomes.push_back(judge_one(settings, setting, snapshot, host, sysctls));
  }
  return outcomes;
}

}  // namespace tcpkit
