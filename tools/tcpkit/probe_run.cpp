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
    if (asked) run_.events.resolved(target.host, *addresses);
    return Resolved{std::move(*addresses), asked ? std::optional<Nanoseconds>(Clock::now() - begin) : std::nullopt};
  }

  const Run& run_;
  const std::optional<Target>& target_;
  ConnectPlan connect_;
  Resolved resolved_;
};

Error deadline_passed(const Run& run) {
  return {make_error_code(std::errc::timed_out), "probe " + escape(run.plan.target_text), "the deadline passed"};
}

/// The connects of one run, one after the other. Keeps the last connection that was made.
class Series {
 public:
  Series(const Run& run, Connector& connector, ProbeResult& result)
      : run_(run), connector_(connector), result_(result), failure_(deadline_passed(run)) {}

  /// The last connection, or the last failure when none was made; that one is left to the caller to tell.
  Result<Connection> connect_all() {
    for (std::uint64_t n = 0; n < run_.plan.count && may_start(n); ++n) {
      std::vector<Attempt> attempts;
      Result<Connection> connection = n == 0 ? connector_.connect_waiting(attempts) : connector_.connect_once(attempts);
      if (!connection && n > 0 && run_.over()) break;  // interrupted, not failed
      tell();
      untold_ = attempts;
      ++result_.tried;
      if (!take(std::move(connection), std::move(attempts))) break;
      run_.events.progress(result_.tried, result_.tried - result_.connect_us.size());
    }
    result_.cut_short = result_.tried < run_.plan.count;
    if (!last_ && !untold_.empty()) untold_.pop_back();
    tell();
    return last_ ? Result<Connection>(std::move(*last_)) : failure_;
  }

 private:
  bool may_start(std::uint64_t n) const {
    if (n == 0) return true;
    pause(run_.plan.interval, run_.connect.deadline);
    return !run_.over();
  }

  /// Whether another connect makes sense.
  bool take(Result<Connection> connection, std::vector<Attempt> attempts) {
    if (!connection) {
      failure_ = connection.error();
      result_.last_failure = failure_;
      return may_pass(failure_);
    }
    result_.connect_us.add(std::chrono::duration_cast<std::chrono::microseconds>(connection->connect_time()).count());
    last_.emplace(std::move(*connection));
    result_.attempts = std::move(attempts);
    return true;
  }

  void tell() {
    for (const Attempt& attempt : untold_) run_.events.tried(attempt);
    untold_.clear();
  }

  const Run& run_;
  Connector& connector_;
  ProbeResult& result_;
  std::optional<Connection> last_;
  Error failure_;
  std::vector<Attempt> untold_;  // of the connect before: the last failure of all is an error, not a warning
};

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
  Result<Connection> connection = Series(run, connector, result).connect_all();
  if (!connection) return connection.error();
  result.resolve_time = connector.resolve_time();
  result.connect_time = connection->connect_time();
  Result<ConnectionFacts> facts = gather_facts(connection->socket(), plan.connect.settings, sysctls);
  if (!facts) return facts.error();
  result.facts = std::move(*facts);
  return result;
}
