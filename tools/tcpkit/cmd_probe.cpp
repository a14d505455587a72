#include <array>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

#include "command.hpp"
#include "connect_words.hpp"
#include "console.hpp"
#include "observe.hpp"
#include "outcomes.hpp"
#include "probe_plan.hpp"
#include "probe_report.hpp"
#include "probe_run.hpp"
#include "probe_watch.hpp"

namespace {

using namespace tcpkit;

class ConsoleEvents final : public ProbeEvents {
 public:
  ConsoleEvents(Console& console, const ProbePlan& plan) : console_(console), plan_(plan) {}

  void resolved(const std::string& host, std::span<const Endpoint> addresses) override {
    tell_addresses(host, addresses, console_);
  }

  void tried(const Attempt& attempt) override { tell_attempt(attempt, console_); }

  void progress(std::uint64_t done, std::uint64_t failed) override {
    if (plan_.repeats) console_.progress(fmt::format("{} of {} connects, {} failed", done, plan_.count, failed));
  }

 private:
  Console& console_;
  const ProbePlan& plan_;
};

void judge(const ProbePlan& plan, ConnectionFacts& facts, SysctlValues& sysctls) {
  Observation observation = observe_own(facts, plan.diagnosis.expected);
  surround(observation, read_surroundings(facts.snapshot.peer));
  facts.diagnosis = diagnose(observation, sysctls, plan.diagnosis.ignored);
}

ExitCode verdict(const ProbePlan& plan, const ProbeResult& result, bool changed, Console& console) {
  if (result.cut_short) {
    console.warn(fmt::format("--deadline {} passed after {} of {} connects", format_duration(*plan.deadline),
                             result.tried, plan.count));
    return ExitCode::Timeout;
  }
  const bool failed = result.last_failure || fails(plan.diagnosis, result.facts.diagnosis);
  return failed || (changed && plan.strict) ? ExitCode::CheckFailed : ExitCode::Done;
}

ExitCode run_probe_command(const Args& args, Console& console) {
  Result<ProbePlan> plan = make_probe_plan(args);
  if (!plan) return console.fail(plan.error());
  plan->view.complete = console.complete() || console.all();

  ConsoleEvents events(console, *plan);
  if (plan->watch) return watch_connection(*plan, events, console);
  SysctlValues sysctls;
  Result<ProbeResult> result = run_probe(*plan, sysctls, events);
  if (!result) return console.fail(result.error());
  if (!plan->view.only || plan->diagnosis.fail_on) judge(*plan, result->facts, sysctls);
  const bool changed = tell_outcomes(result->facts.outcomes, console);
  console.print(probe_report(*plan, *result, sysctls));
  return verdict(*plan, *result, changed, console);
}

constexpr std::array kPositionals{
    Positional{.name = "HOST:PORT",
               .brief =
                   "Where to connect: a name or address and a port number or service name; [ADDRESS]:PORT for IPv6, "
                   ":PORT for this host. Without it, tcpkit starts an echo peer of its own on loopback and probes "
                   "that: the defaults of this host."},
};

constexpr std::array kFlags{
    Flag{.name = "option",
         .letter = 'o',
         .value = "NAME[=VALUE]",
         .repeatable = true,
         .choices = {Source::Settings},
         .brief = "Set a socket option before it is too late for it to work, and say what the kernel made of it. "
                  "tcpkit-options(7) lists the names; LEVEL:NUMBER=INT sets any other."},
    Flag{.name = "ipv4", .letter = '4', .brief = "Use IPv4 addresses only."},
    Flag{.name = "ipv6", .letter = '6', .brief = "Use IPv6 addresses only."},
    Flag{.name = "source", .value = "ADDR[:PORT]", .brief = "Connect from this address of this host."},
    Flag{.name = "interface",
         .value = "DEV",
         .choices = {Source::Interfaces},
         .brief = "Connect through this interface: -o bindtodevice=DEV."},
    Flag{.name = "timeout", .value = "D", .brief = "Give up on one address after D. Default: 5s."},
    Flag{.name = "deadline", .value = "D", .brief = "Give up on everything after D, name resolution included."},
    Flag{.name = "wait", .value = "D", .brief = "Try again until somebody answers, for D at most."},
    Flag{.name = "count",
         .letter = 'n',
         .value = "N",
         .brief =
             "Connect N times, and show how long that took. The rest is of the last connection. With --watch, look N "
             "times."},
    Flag{.name = "interval", .value = "D", .brief = "Pause between two connects. Default: 1s."},
    Flag{.name = "watch",
         .value = "D",
         .value_optional = true,
         .brief = "Keep the connection and show TCP_INFO again every D, with rates and their course, until the peer or "
                  "a signal ends it. Default: 1s."},
    Flag{.name = "echo",
         .value = "SIZE",
         .value_optional = true,
         .brief = "With --watch, send SIZE bytes after each look to a peer that returns them, as tcpkit serve does, so "
                  "that there is something to measure. Default: 64, and without HOST:PORT always."},
    Flag{.name = "all", .brief = "Show every option, sysctl and TCP_INFO field."},
    Flag{.name = "only",
         .value = "NAME,...",
         .choices = {.source = Source::Rows, .list = true},
         .brief = "Show these options, sysctls and TCP_INFO fields, in any spelling, and nothing else."},
    Flag{.name = "strict", .brief = "Exit with 1 when the kernel did not take a setting as asked."},
};

constexpr std::array kExamples{
    Example{"tcpkit probe", "the effective defaults of this host"},
    Example{"tcpkit probe -o rcvbuf=16M :8888", "what becomes of a 16 MiB receive buffer, and why"},
    Example{"tcpkit probe --json --only rcvbuf,rtt :8888", "two values for a script"},
    Example{"tcpkit probe --format prometheus --output tcp.prom db:5432",
            "metrics for node_exporter's text file collector"},
    Example{"tcpkit probe --watch db:5432", "how a connection fares, live"},
    Example{"tcpkit probe --watch=200ms --echo --json far:8888", "round trips to a tcpkit serve, a line a look"},
    Example{"tcpkit probe --wait 30s :8888 && echo up", "wait for a service to start"},
};

}  // namespace

extern const Command kProbe;
const Command kProbe{
    .name = "probe",
    .brief = "show what is in force on a connection, and why",
    .synopsis = "[HOST:PORT]",
    .positionals = kPositionals,
    .flags = kFlags,
    .examples = kExamples,
    .run = run_probe_command,
    .measures = true,
    .diagnoses = true,
};
