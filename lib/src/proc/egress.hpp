#pragma once

#include <string>

#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/endpoint.hpp>

/// rtnetlink(7): where packets leave the calling thread's network namespace, and what queues them there.
namespace tcpkit {

/// The number of the interface towards this address; ENETUNREACH, EHOSTUNREACH, ...: there is no route. Thread-safe.
Result<int> egress_interface(const Endpoint& peer);

/// The kind of its root queueing discipline: "noqueue", "fq_codel". "mq" is but a box of one queue for each transmit
/// queue of the device: then it is the kind that they all have, or "mq" when they differ. ENOENT: it has none.
/// Thread-safe.
Result<std::string> queueing_discipline(int interface);

}  // namespace tcpkit
