#include "diag/observed.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace tcpkit {
namespace {

template <auto Member>
bool has(const Observation& observation) {
  return (observation.*Member).has_value();
}

template <auto Member>
bool expects(const Observation& observation) {
  return (observation.expected.*Member).has_value();
}

constexpr std::array kObserved{
    Observed{"accept_queue", "the accept queue", "it could not be read", has<&Observation::accept_queue>},
    Observed{"backlog_asked", "the backlog asked for", "only the program that called listen(2) knows it",
             has<&Observation::backlog_asked>},
    Observed{"tcp_memory_pages", "the memory that TCP uses", "/proc/net/sockstat was not read",
             has<&Observation::tcp_memory_pages>},
    Observed{"time_wait_to_peer", "the number of sockets in TIME_WAIT", "they were not counted",
             has<&Observation::time_wait_to_peer>},
    Observed{"egress_qdisc", "the queueing discipline of the interface", "it could not be read",
             has<&Observation::egress_qdisc>},
    Observed{"requests", "the time that requests take", "none were sent: tcpkit send measures it",
             has<&Observation::requests>},
    Observed{"demand", "what the connection should carry", "say it with --bandwidth, or watch it for an interval",
             [](const Observation& observation) { return observation.expected.bandwidth_bps || observation.interval; }},
    Observed{"ours", "what the program has set", "only of sockets that tcpkit made itself",
             [](const Observation& observation) { return observation.ours; }},
    Observed{"idle_limit", "how long the path remembers an idle connection", "say it with --idle-limit",
             expects<&Expectations::idle_limit>},
    Observed{"bandwidth_bps", "the bandwidth of the path", "say it with --bandwidth",
             expects<&Expectations::bandwidth_bps>},
    Observed{"detect_within", "how soon a dead peer must be noticed", "say it with --detect-within",
             expects<&Expectations::detect_within>},
    Observed{"connect_within", "how soon connecting must have failed", "say it with --connect-within",
             expects<&Expectations::connect_within>},
};

}  // namespace

const Observed& find_observed(std::string_view name) {
  const auto found = std::ranges::find(kObserved, name, &Observed::name);
  assert(found != kObserved.end());
  return *found;
}

}  // namespace tcpkit
