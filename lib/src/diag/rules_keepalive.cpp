#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

#include "diag/advice.hpp"
#include "diag/evidence.hpp"
#include "diag/inputs.hpp"
#include "diag/keepalive_plan.hpp"
#include "diag/rule_groups.hpp"

namespace tcpkit {
namespace {

using std::chrono::seconds;

constexpr std::string_view kConntrack = "net.netfilter.nf_conntrack_tcp_timeout_established";

constexpr std::array kKeepaliveInputs{info("state"),           option("SO_KEEPALIVE"), option("TCP_KEEPIDLE"),
                                      option("TCP_KEEPINTVL"), option("TCP_KEEPCNT"),  option("TCP_USER_TIMEOUT")};
constexpr std::array kForgottenInputs{info("state"), option("SO_KEEPALIVE"), option("TCP_KEEPIDLE"),
                                      option("TCP_KEEPINTVL"), helpful(sysctl(kConntrack))};

KeepaliveTimers keepalive_of(const Inputs& inputs) {
  KeepaliveTimers timers;
  timers.on = inputs.option("SO_KEEPALIVE") != 0;
  timers.idle = seconds(inputs.option("TCP_KEEPIDLE"));
  timers.interval = seconds(inputs.option("TCP_KEEPINTVL"));
  timers.probes = static_cast<int>(inputs.option("TCP_KEEPCNT"));
  const std::int64_t user_timeout_ms = inputs.option("TCP_USER_TIMEOUT");
  if (user_timeout_ms > 0) timers.user_timeout = Milliseconds(user_timeout_ms);
  return timers;
}

/// Keepalive that finds a dead peer within the limit, whatever is set now.
std::string keepalive_remedy(const Observation& observation, const KeepaliveTimers& now, Milliseconds limit) {
  const std::optional<KeepaliveTimers> timers = keepalive_within(limit);
  if (!timers) return "have the application ask the peer more often: keepalive takes 2 s at least";
  std::vector<std::string> settings;
  if (!now.on) settings.emplace_back("keepalive");
  settings.push_back(time_setting("keepidle", timers->idle));
  settings.push_back(time_setting("keepintvl", timers->interval));
  settings.push_back(fmt::format("keepcnt={}", timers->probes));
  // A longer one would keep the connection beyond the last probe.
  if (now.user_timeout > keepalive_time(*timers)) {
    settings.push_back(time_setting("user-timeout", keepalive_time(*timers)));
  }
  return change_to(observation, settings);
}

/// A probe after every so many seconds of silence. The timer that sent one is set to TCP_KEEPINTVL, and an answer does
/// not bring it forward: net/ipv4/tcp_timer.c, tcp_keepalive_timer().
std::string probe_remedy(const Observation& observation, KeepaliveTimers now, seconds silence) {
  std::vector<std::string> settings;
  if (!now.on) settings.emplace_back("keepalive");
  settings.push_back(time_setting("keepidle", silence));
  if (now.interval > silence) settings.push_back(time_setting("keepintvl", silence));
  return change_to(observation, settings);
}

/// Where nobody said how soon: in time for the usual load balancer.
std::string usual_remedy(const Observation& observation, KeepaliveTimers timers) {
  timers.idle = *keepidle_below(kUsualIdleLimit);
  const std::string settings = probe_remedy(observation, timers, timers.idle);
  timers.interval = std::min(timers.interval, timers.idle);
  timers.on = true;
  return fmt::format("{}: an idle dead peer is then noticed after {}", settings,
                     format_duration(*dead_peer_idle(timers)));
}

Symptom missed_while_idle(const Inputs& inputs, const KeepaliveTimers& timers) {
  const Milliseconds limit = *inputs.observation().expected.detect_within;
  const std::optional<Milliseconds> noticed = dead_peer_idle(timers);
  Symptom symptom{.severity = Severity::Warning};
  symptom.evidence = {switch_of("keepalive", timers.on), milliseconds_of("detect_within", limit)};
  if (noticed) symptom.evidence.push_back(milliseconds_of("dead_peer_idle", *noticed));
  symptom.why =
      fmt::format("A dead peer must be noticed within {} (--detect-within): while the connection is idle it {}.",
                  format_duration(limit), noticed ? "takes " + format_duration(*noticed) : std::string("never is"));
  symptom.remedy = keepalive_remedy(inputs.observation(), timers, limit);
  return symptom;
}

std::optional<Symptom> idle_undetected(const Inputs& inputs) {
  const KeepaliveTimers timers = keepalive_of(inputs);
  const Expectations& expected = inputs.observation().expected;
  if (!is_established(inputs) || timers.on || timers.user_timeout) return std::nullopt;
  if (expected.detect_within) return missed_while_idle(inputs, timers);
  if (expected.idle_limit) return std::nullopt;  // worse is said of it: keepalive-too-late
  return Symptom{.evidence = {switch_of("keepalive", false)}, .remedy = usual_remedy(inputs.observation(), timers)};
}

/// After how long an idle connection is forgotten on its way, and by whose word.
struct IdleLimit {
  seconds time;
  std::string_view name;  ///< as evidence calls it
  std::string_view says;  ///< "(--idle-limit)"
};

IdleLimit idle_limit_of(const Inputs& inputs) {
  if (const auto given = inputs.observation().expected.idle_limit) return {*given, "idle_limit", "--idle-limit"};
  if (const auto tracked = inputs.sysctl_if_any(kConntrack)) return {seconds(*tracked), kConntrack, kConntrack};
  return {kUsualIdleLimit, "usual_limit", "as known load balancers do"};
}

std::string forgotten_remedy(const Observation& observation, const KeepaliveTimers& timers, seconds limit) {
  const std::optional<seconds> idle = keepidle_below(limit);
  if (!idle) return "have the application send something more often: TCP_KEEPIDLE counts whole seconds";
  return probe_remedy(observation, timers, *idle);
}

std::string silence_of(const KeepaliveTimers& timers, seconds limit) {
  if (!timers.on) return "Nothing is sent on an idle connection";
  std::string first =
      fmt::format("The first probe on an idle connection is sent after {}", format_duration(timers.idle));
  if (timers.idle >= limit) return first;
  return fmt::format("{}, but each one after it only {} later, answered or not (TCP_KEEPINTVL)", first,
                     format_duration(timers.interval));
}

std::optional<Symptom> keepalive_too_late(const Inputs& inputs) {
  KeepaliveTimers timers;
  timers.on = inputs.option("SO_KEEPALIVE") != 0;
  timers.idle = seconds(inputs.option("TCP_KEEPIDLE"));
  timers.interval = seconds(inputs.option("TCP_KEEPINTVL"));
  if (!is_established(inputs) || (!timers.on && !inputs.observation().expected.idle_limit)) return std::nullopt;
  const IdleLimit limit = idle_limit_of(inputs);
  if (timers.on && std::max(timers.idle, timers.interval) < limit.time) return std::nullopt;
  Symptom symptom;
  symptom.evidence = {switch_of("keepalive", timers.on),
                      number_of("keepidle", std::int64_t{timers.idle.count()}, Unit::Seconds),
                      number_of("keepintvl", std::int64_t{timers.interval.count()}, Unit::Seconds),
                      number_of(limit.name, std::int64_t{limit.time.count()}, Unit::Seconds)};
  symptom.why = fmt::format("{}, and a path that forgets it after {} ({}) then loses what is sent.",
                            silence_of(timers, limit.time), format_duration(limit.time), limit.says);
  symptom.remedy = forgotten_remedy(inputs.observation(), timers, limit.time);
  if (limit.name == "usual_limit") symptom.severity = Severity::Note;
  return symptom;
}

/// RFC 9293 section 3.8.4 wants no default below it: who sets nothing gets this.
constexpr seconds kDefaultKeepidle{7200};

std::optional<Symptom> keepalive_slow(const Inputs& inputs) {
  const KeepaliveTimers timers = keepalive_of(inputs);
  if (!is_established(inputs) || !timers.on) return std::nullopt;
  const Milliseconds noticed = *dead_peer_idle(timers);
  if (const auto limit = inputs.observation().expected.detect_within) {
    return noticed > *limit ? std::optional(missed_while_idle(inputs, timers)) : std::nullopt;
  }
  if (timers.idle < kDefaultKeepidle) return std::nullopt;
  return Symptom{.evidence = {number_of("keepidle", std::int64_t{timers.idle.count()}, Unit::Seconds),
                              milliseconds_of("dead_peer_idle", noticed)},
                 .why = fmt::format("Made to save traffic, the default finds a dead peer of an idle connection only "
                                    "after {}.",
                                    format_duration(noticed)),
                 .remedy = usual_remedy(inputs.observation(), timers)};
}

constexpr std::array kOverruledInputs{info("state"),
                                      option("SO_KEEPALIVE"),
                                      option("TCP_KEEPIDLE"),
                                      option("TCP_KEEPINTVL"),
                                      option("TCP_KEEPCNT"),
                                      option("TCP_USER_TIMEOUT"),
                                      helpful(sysctl("net.ipv4.tcp_keepalive_probes"))};

/// Whoever left TCP_KEEPCNT at its default chose nothing that is overruled, and a dead peer is noticed sooner.
bool overrules_default(const Inputs& inputs, Milliseconds configured, Milliseconds noticed) {
  const auto probes = inputs.sysctl_if_any("net.ipv4.tcp_keepalive_probes");
  const bool chosen = asked_for(inputs.observation(), "TCP_KEEPCNT") != nullptr;
  return noticed < configured && !chosen && inputs.option("TCP_KEEPCNT") == probes;
}

std::string agreeing_remedy(const Observation& observation, const KeepaliveTimers& timers) {
  const Milliseconds configured = keepalive_time(timers);
  std::string remedy;
  if (configured.count() <= INT32_MAX) {  // what TCP_USER_TIMEOUT holds
    remedy = change_to(observation, time_setting("user-timeout", configured)) + ", or ";
  }
  return remedy + keepalive_remedy(observation, timers, *timers.user_timeout);
}

std::optional<Symptom> user_timeout_disagrees(const Inputs& inputs) {
  const KeepaliveTimers timers = keepalive_of(inputs);
  if (!is_established(inputs) || !timers.on || !timers.user_timeout) return std::nullopt;
  const Milliseconds configured = keepalive_time(timers);
  const Milliseconds noticed = *dead_peer_idle(timers);
  if (std::chrono::abs(*timers.user_timeout - configured) <= timers.interval || noticed == configured) {
    return std::nullopt;
  }
  return Symptom{
      .evidence = {milliseconds_of("user_timeout", *timers.user_timeout), milliseconds_of("keepalive_time", configured),
                   milliseconds_of("dead_peer_idle", noticed)},
      .why =
          fmt::format("TCP_USER_TIMEOUT takes the place of TCP_KEEPCNT: an idle connection to a dead peer ends after "
                      "{}, not after the {} that the keepalive options say.",
                      format_duration(noticed), format_duration(configured)),
      .remedy = agreeing_remedy(inputs.observation(), timers),
      .severity = overrules_default(inputs, configured, noticed) ? Severity::Note : Severity::Warning};
}

std::optional<Symptom> user_timeout_alone(const Inputs& inputs) {
  const KeepaliveTimers timers = keepalive_of(inputs);
  if (!is_established(inputs) || timers.on || !timers.user_timeout) return std::nullopt;
  if (inputs.observation().expected.detect_within) return missed_while_idle(inputs, timers);
  return Symptom{.evidence = {switch_of("keepalive", false), milliseconds_of("user_timeout", *timers.user_timeout)},
                 .remedy = keepalive_remedy(inputs.observation(), timers, *timers.user_timeout)};
}

constexpr std::array kRules{
    Rule{
        .id = "F12",
        .name = "idle-undetected",
        .severity = Severity::Note,
        .title = "a peer that dies while the connection is idle is never noticed",
        .condition = "SO_KEEPALIVE and TCP_USER_TIMEOUT are off on an established connection. A warning if "
                     "--detect-within says how soon a dead peer must be noticed; left to F13 if only --idle-limit is "
                     "given.",
        .why = "Without keepalive nothing asks an idle peer whether it is still there; unless the application does, "
               "a peer that lost its power or path stays connected for ever.",
        .remedy = "set SO_KEEPALIVE, TCP_KEEPIDLE, TCP_KEEPINTVL and TCP_KEEPCNT",
        .source = "RFC 9293 section 3.8.4, tcp(7)",
        .inputs = kKeepaliveInputs,
        .check = idle_undetected,
    },
    Rule{
        .id = "F13",
        .name = "keepalive-too-late",
        .severity = Severity::Warning,
        .title = "the path may forget the connection before keepalive refreshes it",
        .condition =
            "SO_KEEPALIVE is on and TCP_KEEPIDLE or TCP_KEEPINTVL is not below --idle-limit; without that, not below "
            "net.netfilter.nf_conntrack_tcp_timeout_established of this network namespace; a note at 350 s or "
            "more where there is neither, for load balancers are known that forget then. Or SO_KEEPALIVE is "
            "off and --idle-limit is given.",
        .why = "Firewalls, NAT and load balancers forget idle connections; what is sent later is dropped or reset.",
        .remedy = "set SO_KEEPALIVE, and a TCP_KEEPIDLE and a TCP_KEEPINTVL well below the limit",
        .source = "RFC 5382 section 5, Documentation/networking/nf_conntrack-sysctl.rst, net/ipv4/tcp_timer.c "
                  "tcp_keepalive_timer()",
        .inputs = kForgottenInputs,
        .check = keepalive_too_late,
    },
    Rule{
        .id = "F14",
        .name = "keepalive-slow",
        .severity = Severity::Note,
        .title = "keepalive takes long to notice a dead peer",
        .condition = "SO_KEEPALIVE is on and TCP_KEEPIDLE is 7200 s, the default, or more. A warning if the time is "
                     "longer than --detect-within, which then counts alone.",
        .why = "With the default of two hours a dead peer of an idle connection is noticed after 2 h 11 min.",
        .remedy = "set a shorter TCP_KEEPIDLE",
        .source = "tcp(7), RFC 9293 section 3.8.4",
        .inputs = kKeepaliveInputs,
        .check = keepalive_slow,
    },
    Rule{
        .id = "F15",
        .name = "user-timeout-vs-keepalive",
        .severity = Severity::Warning,
        .title = "TCP_USER_TIMEOUT overrules the keepalive options",
        .condition = "Both are on, TCP_USER_TIMEOUT is more than one TCP_KEEPINTVL away from TCP_KEEPIDLE + "
                     "TCP_KEEPCNT * TCP_KEEPINTVL, and the time until an idle dead peer is noticed is another one. A "
                     "note where it is shorter and nobody is known to have chosen TCP_KEEPCNT, which is "
                     "net.ipv4.tcp_keepalive_probes.",
        .why = "With TCP_USER_TIMEOUT set the kernel ignores TCP_KEEPCNT: an idle connection ends at the first "
               "unanswered probe, after one at least, that is not earlier than the user timeout.",
        .remedy = "make TCP_USER_TIMEOUT equal to TCP_KEEPIDLE + TCP_KEEPCNT * TCP_KEEPINTVL",
        .source = "tcp(7) TCP_USER_TIMEOUT, net/ipv4/tcp_timer.c tcp_keepalive_timer()",
        .inputs = kOverruledInputs,
        .check = user_timeout_disagrees,
    },
    Rule{
        .id = "F16",
        .name = "user-timeout-alone",
        .severity = Severity::Note,
        .title = "TCP_USER_TIMEOUT does nothing while the connection is idle",
        .condition = "TCP_USER_TIMEOUT is set and SO_KEEPALIVE is off on an established connection. A warning if "
                     "--detect-within says how soon a dead peer must be noticed.",
        .why = "The timeout counts while sent data is not acknowledged; with nothing sent and no probes it never "
               "starts.",
        .remedy = "set SO_KEEPALIVE, too, with timers that add up to TCP_USER_TIMEOUT",
        .source = "RFC 5482, tcp(7)",
        .inputs = kKeepaliveInputs,
        .check = user_timeout_alone,
    },
};

}  // namespace

std::span<const Rule> keepalive_rules() {
  return kRules;
}

}  // namespace tcpkit
