#include "serve_findings.hpp"

#include <algorithm>

#include <tcpkit/sock/listen_queue.hpp>
#include <tcpkit/sock/snapshot.hpp>

#include "console.hpp"
#include "observe.hpp"
#include "serve_report.hpp"

using namespace tcpkit;

namespace {

/// Settings as rules ask about them: whether they are in force is told elsewhere.
std::vector<Outcome> outcomes_of(const ServePlan& plan) {
  std::vector<Outcome> outcomes;
  for (const Setting& setting : plan.settings) outcomes.push_back({setting, std::nullopt, Effect::Unverified, {}, {}});
  return outcomes;
}

}  // namespace

FindingWatch::FindingWatch(const ServeOrder& order, std::span<const Listener> listeners)
    : order_(order), counters_before_(net_counters_now()) {
  for (const Listener& listener : listeners) listeners_.emplace_back(listener.address.text(), listener.sockets.front());
}

std::vector<FindingWatch::Found> FindingWatch::look() {
  std::vector<Found> news;
  const std::optional<NetCounters> counters = net_counters_now();
  for (const auto& [address, socket] : listeners_) {
    const Result<AcceptQueue> queue = read_accept_queue(socket);
    if (!queue) continue;  // it does not listen any more
    Observation observation;
    observation.snapshot = take_snapshot(socket);
    observation.outcomes = outcomes_of(order_.plan);
    observation.ours = true;
    observation.accept_queue = *queue;
    if (order_.plan.backlog >= 0) observation.backlog_asked = static_cast<std::uint64_t>(order_.plan.backlog);
    observation.counters_before = counters_before_;
    observation.counters = counters;
    std::ranges::move(new_findings(address, observation), std::back_inserter(news));
  }
  return news;
}

std::vector<FindingWatch::Found> FindingWatch::on_connection(int socket, const Endpoint& peer) {
  if (connection_seen_.exchange(true)) return {};
  Observation observation;
  observation.snapshot = take_snapshot(socket);
  observation.outcomes = outcomes_of(order_.plan);
  observation.ours = true;
  return new_findings(peer.text(), observation);
}

std::vector<FindingWatch::Found> FindingWatch::new_findings(const std::string& address,
                                                            const Observation& observation) {
  Observation expecting = observation;
  expecting.expected = order_.diagnosis.expected;
  SysctlValues sysctls;
  const Diagnosis diagnosis = diagnose(expecting, sysctls, order_.diagnosis.ignored);
  if (::fails(order_.diagnosis, diagnosis)) fails_ = true;
  const std::scoped_lock lock(mutex_);
  std::vector<Found> news;
  for (const Finding& finding : diagnosis.findings) {
    const auto told = [&](const Found& found) {
      return found.address == address && found.finding.rule == finding.rule;
    };
    if (std::ranges::none_of(found_, told)) news.push_back({address, finding});
  }
  found_.insert(found_.end(), news.begin(), news.end());
  return news;
}

std::vector<FindingWatch::Found> FindingWatch::all() const {
  const std::scoped_lock lock(mutex_);
  return found_;
}

void tell_found(const FindingWatch::Found& found, Console& console) {
  const std::string line = describe_found(found);
  if (found.finding.severity == Severity::Note) {
    console.say(2, line);
  } else {
    console.warn(line);
  }
  console.print(finding_report(found));
}
