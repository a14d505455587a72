#include "probe_run.hpp"

#include <sys/socket.h>

#include <utility>

#include "connector.hpp"

namespace {

using namespace tcpkit;

/// Numbers that are in force during one run.
struct Run {
  const ProbePlan& plan;
  Clock::time_point deadline;
  ProbeEvents& events;

  [[nodiscard]] bool over() const { return Clock::now() >= deadline; }
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
    pause(run_.plan.interval, run_.deadline);
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

Result<OpenProbe> open_probe(const ProbePlan& plan, SysctlValues& sysctls, ProbeEvents& events) {
  const Run run{plan, after(plan.deadline), events};
  ConnectOrder order{plan.target.value_or(Target{}), plan.families, plan.connect, plan.wait};
  order.connect.deadline = run.deadline;

  std::optional<LoopbackPeer> peer;
  if (!plan.target) {
    Result<LoopbackPeer> started = LoopbackPeer::start(plan.families == Families::Ipv6 ? AF_INET6 : AF_INET);
    if (!started) return started.error();
    peer.emplace(std::move(*started));
  }
  const auto resolved = [&](const std::string& host, std::span<const Endpoint> found) { events.resolved(host, found); };
  Connector connector = peer ? Connector(std::move(order), peer->endpoint()) : Connector(std::move(order), resolved);

  ProbeResult result;
  Result<Connection> connection = Series(run, connector, result).connect_all();
  if (!connection) return connection.error();
  result.resolve_time = connector.resolve_time();
  result.connect_time = connection->connect_time();
  Result<ConnectionFacts> facts = gather_facts(connection->socket(), plan.connect.settings, sysctls);
  if (!facts) return facts.error();
  result.facts = std::move(*facts);
  return OpenProbe{std::move(peer), std::move(*connection), run.deadline, std::move(result)};
}

Result<ProbeResult> run_probe(const ProbePlan& plan, SysctlValues& sysctls, ProbeEvents& events) {
  Result<OpenProbe> open = open_probe(plan, sysctls, events);
  if (!open) return open.error();
  return std::move(open->result);
}
