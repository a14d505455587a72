#pragma once

#include <tcpkit/diag/observation.hpp>
#include <tcpkit/proc/surroundings.hpp>
#include <tcpkit/report/connection.hpp>

#include "send_plan.hpp"
#include "send_result.hpp"

/// What rules are asked about, from what a command knows of a socket.

/// A connection that this program made.
[[nodiscard]] tcpkit::Observation observe_own(const tcpkit::ConnectionFacts& facts,
                                              const tcpkit::Expectations& expected);

/// The first connection of a measurement that is over.
[[nodiscard]] tcpkit::Observation observe_measured(const SendPlan& plan, const Measurement& measured);

/// What the host knows beside the socket, now. Its counters are left to those who watched them grow.
void surround(tcpkit::Observation& observation, tcpkit::Surroundings surroundings);

/// The counters of this network namespace, now; nothing where they cannot be read.
[[nodiscard]] std::optional<tcpkit::NetCounters> net_counters_now();
