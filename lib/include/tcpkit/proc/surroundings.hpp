#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/endpoint.hpp>
#include <tcpkit/sock/net_counters.hpp>

/// What the host knows about the surroundings of a connection, beside the socket itself.
namespace tcpkit {

/// Members are missing where they could not be read. A plain value.
struct Surroundings {
  std::optional<NetCounters> counters;             ///< of the network namespace, since it was made
  std::optional<std::uint64_t> tcp_memory_pages;   ///< read_tcp_memory_pages()
  std::optional<std::uint64_t> time_wait_to_peer;  ///< count_time_wait()
  std::optional<std::string> egress_qdisc;         ///< find_egress_qdisc()
};

/// All of it, of the network namespace that the calling thread is in. Without a peer (a listener has none) the last two
/// are missing. Thread-safe.
[[nodiscard]] TCPKIT_API Surroundings read_surroundings(const Endpoint& peer);

/// Sockets in TIME_WAIT to this address and port; each keeps a local port from being used for the same peer again. By
/// sock_diag(7), in the calling thread's network namespace; fails with errno values of netlink. Thread-safe.
[[nodiscard]] TCPKIT_API Result<std::uint64_t> count_time_wait(const Endpoint& peer);

/// The kind of queueing discipline of the interface that the main routes lead to for this address, in the calling
/// thread's network namespace: "noqueue", "fq". Of a device with several transmit queues ("mq") it is the kind that all
/// of them have, or "mq". A route that depends on more than the address (marks, SO_BINDTODEVICE) is not followed.
/// Fails with errno values of rtnetlink(7): ENETUNREACH. Thread-safe.
[[nodiscard]] TCPKIT_API Result<std::string> find_egress_qdisc(const Endpoint& peer);

}  // namespace tcpkit
