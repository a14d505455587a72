#include "observe.hpp"

#include <chrono>
#include <utility>

using namespace tcpkit;

Observation observe_own(const ConnectionFacts& facts, const Expectations& expected) {
  Observation observation;
  observation.snapshot = facts.snapshot;
  observation.outcomes = facts.outcomes;
  observation.ours = true;
  observation.expected = expected;
  return observation;
}

Observation observe_measured(const SendPlan& plan, const Measurement& measured) {
  const LoadResult& load = measured.load;
  Observation observation = observe_own(measured.facts, plan.diagnosis.expected);
  observation.info_before = measured.facts.snapshot.info;
  observation.snapshot.info = load.info_after;
  observation.snapshot.info_reason = load.info_after_reason;
  observation.interval = load.numbers.duration;
  observation.writes_met_full_buffer = load.numbers.path.limiter == Limiter::SendBuffer;
  if (load.numbers.latency.empty()) return observation;
  const auto median = std::chrono::duration_cast<std::chrono::microseconds>(load.numbers.latency.percentile(50));
  observation.requests = RequestTimes{load.numbers.latency.count(), static_cast<std::uint64_t>(median.count()),
                                      plan.load.mode == LoadMode::WriteWriteRead};
  return observation;
}

void surround(Observation& observation, Surroundings surroundings) {
  observation.tcp_memory_pages = surroundings.tcp_memory_pages;
  observation.time_wait_to_peer = surroundings.time_wait_to_peer;
  observation.egress_qdisc = std::move(surroundings.egress_qdisc);
}

std::optional<NetCounters> net_counters_now() {
  Result<NetCounters> counters = NetCounters::read();
  return counters ? std::optional(std::move(*counters)) : std::nullopt;
}
