#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tcpkit/base/units.hpp>
#include <tcpkit/sock/listen_queue.hpp>
#include <tcpkit/sock/net_counters.hpp>
#include <tcpkit/sock/settings.hpp>
#include <tcpkit/sock/snapshot.hpp>
#include <tcpkit/sock/sysctl_values.hpp>

/// What is known of one socket and of what surrounds it when it is judged.
namespace tcpkit {

/// What the user expects of a connection: findings are measured against it, and say so.
struct Expectations {
  /// Middleboxes on the path forget a connection that was idle for so long.
  std::optional<std::chrono::seconds> idle_limit;
  std::optional<std::uint64_t> bandwidth_bps;  ///< bits per second that the path should carry
  std::optional<std::uint64_t> rtt_us;         ///< of the path, where the measured one is not to be believed
  std::optional<std::chrono::milliseconds> detect_within;   ///< a dead peer must be noticed in this time
  std::optional<std::chrono::milliseconds> connect_within;  ///< connect(2) must have given up in this time
};

/// How long requests took that were sent over the connection.
struct RequestTimes {
  std::uint64_t requests = 0;
  std::uint64_t median_us = 0;
  bool in_two_writes = false;  ///< each request was written in two pieces before its reply was read
};

/// A plain value. Whatever is missing makes the rules that need it "not checked", with the reason.
struct Observation {
  Snapshot snapshot;  ///< any rows of the catalogue; TCP_INFO
  /// TCP_INFO when the interval began. Nothing: the interval is the life of the connection, whose counters began at 0.
  std::optional<TcpInfo> info_before;
  std::optional<Nanoseconds> interval;  ///< its length
  std::vector<Outcome> outcomes;        ///< of the settings that tcpkit made on this socket
  bool ours = false;  ///< nobody but tcpkit has set anything on it: what is not in `outcomes` was not set

  std::optional<AcceptQueue> accept_queue;         ///< of a listener
  std::optional<std::uint64_t> backlog_asked;      ///< of a listener: what listen(2) was called with
  std::optional<NetCounters> counters_before;      ///< of the socket's network namespace, when the interval began
  std::optional<NetCounters> counters;             ///< and now
  std::optional<std::uint64_t> tcp_memory_pages;   ///< in use by TCP on this host: /proc/net/sockstat
  std::optional<std::uint64_t> time_wait_to_peer;  ///< sockets in TIME_WAIT to the address and port of the peer
  std::optional<std::string> egress_qdisc;         ///< root queueing discipline of the interface towards the peer
  std::optional<RequestTimes> requests;
  /// Most looks at a stream that tcpkit wrote met a full send buffer, and room in the congestion window.
  bool writes_met_full_buffer = false;

  Expectations expected;
  /// What a setting is appended to, to make a command or flag: "-o ", "tcpkit inspect --pid 812 --set ".
  std::string set_with = "-o ";
};

}  // namespace tcpkit
