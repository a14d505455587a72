#include "probe_run.hpp"

#include <algorithm>
#include <thread>

#include <sys/socket.h>

#include <tcpkit/net/loopback_peer.hpp>

namespace {

using namespace tcpkit;

using std::chrono::milliseconds;

Clock::time_point after(std::optional<Nanoseconds> time) {
  if (!time) return Clock::time_point::max();
  const auto now = Clock::now();
  return *time < Clock::time_point::max() - now ? now + *time : Clock::time_point::max();
}

/// Numbers that are in force during one run.
struct Run {
  const ProbePlan& plan;
  ConnectPlan connect;
  Clock::time_point wait_until;
  ProbeEvents& events;

  [[nodiscard]] bool over() const { return Clock::now() >= connect.deadline; }
};

struct Resolved {
  std::vector<Endpoint> addresses;
  std::optional<Nanoseconds> time;
};

/// Pauses without passing `until`.
void pause(Nanoseconds time, Clock::time_point until) {
  std::this_thread::sleep_until(std::min(until, after(time)));
}

/// Whether trying again may help: somebody may still start to listen, or a name server to answer.
bool may_pass(const Error& error) {
  return error.code != Errc::bad_value && error.code != Errc::unsupported_option &&
         error.code != std::errc::operation_not_permitted && error.code != std::errc::permission_denied;
}

/// The connects of a run; the first one waits for the peer when --wait says so.
class Connector {
 public:
  Connector(const Run& run, const std::optional<Target>& target, std::vector<Endpoint> own_peer)
      : run_(run), target_(target), connect_(run.connect) {
    resolved_.addresses = std::move(own_peer);
  }

  Result<Connection> connect_once(std::vector<Attempt>& attempts) {
    if (resolved_.addresses.empty()) {
      Result<Resolved> resolved = resolve_target(*target_);
      if (!resolved) return resolved.error();
      resolved_ = std::move(*resolved);
    }
    attempts.clear();
    return connect(resolved_.addresses, connect_, attempts);
  }

  Result<Connection> connect_waiting(std::vector<Attempt>& attempts) {
    constexpr milliseconds kRetryPause{100};
    if (!run_.plan.wait) return connect_once(attempts);
    connect_.deadline = std::min(run_.wait_until, run_.connect.deadline);
    for (;;) {
      Result<Connection> connection = connect_once(attempts);
      const bool retry = !connection && may_pass(connection.error());
      if (retry) pause(kRetryPause, connect_.deadline);
      if (retry && Clock::now() < connect_.deadline) continue;
      connect_.deadline = run_.connect.deadline;
      return connection;
    }
  }

  [[nodiscard]] std::optional<Nanoseconds> resolve_time() const { return resolved_.time; }

 private:
  Result<Resolved> resolve_target(const Target& target) const {
    const auto begin = Clock::now();
    const auto until = std::min(connect_.deadline, after(connect_.timeout));
    Result<std::vector<Endpoint>> addresses = resolve(target, run_.plan.families, until);
    if (!addresses) return addresses.error();
    const bool asked = !target.numeric && !target.host.empty();
    return Resolved{std::move(*addresses), asked ? std::optional<Nanoseconds>(Clock::now() - begin) : std::nullopt};
  }

  const Run& run_;
  const std::optional<Target>& target_;
  ConnectPlan connect_;
  Resolved resolved_;
};

void tell_failures(const Run& run, const std::vector<Attempt>& attempts) {
  for (const Attempt& attempt : attempts) {
    if (attempt.error) run.events.tried(attempt);
  }
}

Error deadline_passed(const Run& run) {
  return {make_error_code(std::errc::timed_out), "probe " + escape(run.plan.target_text), "the deadline passed"};
}

/// The connects of one run, one after the other; keeps the last connection that was made.
Result<Connection> connect_all(const Run& run, Connector& connector, ProbeResult& result) {
  std::optional<Connection> last;
  Error failure = deadline_passed(run);
  for (std::uint64_t n = 0; n < run.plan.count && !(n > 0 && run.over()); ++n) {
    if (n > 0) pause(run.plan.interval, run.connect.deadline);
    if (n > 0 && run.over()) break;
    std::vector<Attempt> attempts;
    Result<Connection> connection = n == 0 ? connector.connect_waiting(attempts) : connector.connect_once(attempts);
    if (!connection && n > 0 && run.over()) break;  // interrupted, not failed
    ++result.tried;
    if (connection) {
      result.connect_us.add(std::chrono::duration_cast<std::chrono::microseconds>(connection->connect_time()).count());
      last.emplace(std::move(*connection));
      result.attempts = attempts;
    } else {
      failure = connection.error();
      result.last_failure = failure;
      if (!may_pass(failure)) return failure;
    }
    const bool tell_last = connection.has_value() || n + 1 < run.plan.count || last;
    if (!tell_last && !attempts.empty()) attempts.pop_back();
    tell_failures(run, attempts);
    run.events.progress(result.tried, result.tried - result.connect_us.size());
  }
  result.cut_short = result.tried < run.plan.count;
  if (!last) return failure;
  return std::move(*last);
}

}  // namespace

Result<ProbeResult> run_probe(const ProbePlan& plan, SysctlValues& sysctls, ProbeEvents& events) {
  Run run{plan, plan.connect, after(plan.wait), events};
  run.connect.deadline = after(plan.deadline);
  if (!plan.wait) run.wait_until = Clock::now();

  std::optional<LoopbackPeer> peer;
  std::vector<Endpoint> own_peer;
  if (!plan.target) {
    Result<LoopbackPeer> started = LoopbackPeer::start(plan.families == Families::Ipv6 ? AF_INET6 : AF_INET);
    if (!started) return started.error();
    own_peer.push_back(started->endpoint());
    peer.emplace(std::move(*started));
  }

  ProbeResult result;
  Connector connector(run, plan.target, std::move(own_peer));
  Result<Connection> connection = connect_all(run, connector, result);
  if (!connection) return connection.error();
  result.resolve_time = connector.resolve_time();
  result.connect_time = connection->connect_time();
  Result<ConnectionFacts> facts = gather_facts(connection->socket(), plan.connect.settings, sysctls);
  if (!facts) return facts.error();
  result.facts = std::move(*facts);
  return result;
}
