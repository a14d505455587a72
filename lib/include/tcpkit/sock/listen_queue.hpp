#pragma once

#include <cstdint>
#include <optional>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>

/// How a listener copes: its accept queue, and what its network namespace had to drop.
namespace tcpkit {

/// Connections that wait for accept(2), and how many may. TCP_INFO of a listening socket, net/ipv4/tcp.c.
struct AcceptQueue {
  std::uint64_t waiting = 0;
  std::uint64_t backlog = 0;           ///< in effect: the queue is full when more than so many wait
  std::optional<std::uint64_t> drops;  ///< connections this listener had to drop, SO_MEMINFO; nothing before Linux 4.12
};

/// Of a listening socket. Thread-safe.
[[nodiscard]] TCPKIT_API Result<AcceptQueue> read_accept_queue(int listener);

/// Counters of the network namespace since it was made; nothing where the kernel does not show one.
struct ListenCounters {
  std::optional<std::uint64_t> overflows;  ///< TcpExt ListenOverflows: the accept queue was full
  std::optional<std::uint64_t> drops;      ///< TcpExt ListenDrops: connections dropped for any reason
};

/// Reads /proc/net/netstat of the calling thread's network namespace. Fails with the errno of reading it. Thread-safe.
[[nodiscard]] TCPKIT_API Result<ListenCounters> read_listen_counters();

}  // namespace tcpkit
