#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <tcpkit/base/api.hpp>
#include <tcpkit/sock/snapshot.hpp>
#include <tcpkit/sock/sysctl_values.hpp>

/// What the values in force mean together: throughput, and how long until a dead peer is noticed.
/// All functions but find_limits are pure arithmetic.
namespace tcpkit {

using Milliseconds = std::chrono::milliseconds;

/// What decides how long connect(2) tries.
struct SynTimers {
  int retries = 6;                           ///< TCP_SYNCNT, else net.ipv4.tcp_syn_retries
  int linear_timeouts = 0;                   ///< net.ipv4.tcp_syn_linear_timeouts; 0 on kernels without it
  Milliseconds rto_max{120'000};             ///< TCP_RTO_MAX_MS
  std::optional<Milliseconds> user_timeout;  ///< TCP_USER_TIMEOUT when not 0
};

/// When connect(2) to a black hole gives up, without the kernel's timer slack (up to an eighth).
/// net/ipv4/tcp_timer.c, tcp_write_timeout() in SYN_SENT.
[[nodiscard]] TCPKIT_API Milliseconds connect_timeout(const SynTimers& timers);

/// The time tcp_retries2 stands for: exponential steps from 200 ms. net/ipv4/tcp_timer.c, tcp_model_timeout().
[[nodiscard]] TCPKIT_API Milliseconds retries2_deadline(int retries2, Milliseconds rto_max);

/// What decides how long unacknowledged data is retransmitted.
struct RetransmitTimers {
  Milliseconds rto{200};  ///< of the connection now
  Milliseconds rto_max{120'000};
  int retries2 = 15;
  std::optional<Milliseconds> user_timeout;
};

/// From the write to ETIMEDOUT when the peer is gone: the time to the first retransmission, then the first timeout at
/// or after the deadline.
[[nodiscard]] TCPKIT_API Milliseconds dead_peer_in_flight(const RetransmitTimers& timers);

/// What decides how long an idle connection to a dead peer lives.
struct KeepaliveTimers {
  bool on = false;
  std::chrono::seconds idle{7200};
  std::chrono::seconds interval{75};
  int probes = 9;
  std::optional<Milliseconds> user_timeout;
};

/// From the last segment received to ETIMEDOUT; nothing = never.
[[nodiscard]] TCPKIT_API std::optional<Milliseconds> dead_peer_idle(const KeepaliveTimers& timers);

/// One direction of a connection.
struct Throughput {
  std::optional<std::uint64_t> window_bytes;         ///< most that can be in flight now
  std::optional<std::uint64_t> window_cap_bytes;     ///< the same once autotuning has reached its cap
  std::optional<std::uint64_t> max_bytes_per_s;      ///< window / RTT
  std::optional<std::uint64_t> max_bytes_per_s_cap;  ///< cap / RTT
};

/// bytes per second for a window and a round-trip time; nothing when the time is 0.
[[nodiscard]] TCPKIT_API std::optional<std::uint64_t> window_rate(std::uint64_t window_bytes, std::uint64_t rtt_us);

/// What a path of this bandwidth and RTT asks of the receiver.
struct BandwidthNeed {
  std::uint64_t window_bytes = 0;  ///< bandwidth x delay
  std::uint64_t buffer_bytes = 0;  ///< twice that: half of a buffer is window at the start
  int window_scale = 0;            ///< least shift that can express the window
};

/// For a path of so many bits, not bytes, a second. What no 64 bits can count is the largest number.
[[nodiscard]] TCPKIT_API BandwidthNeed bandwidth_need(std::uint64_t bits_per_s, std::uint64_t rtt_us);

/// A time after which the kernel gives up.
struct TimeLimit {
  std::optional<Milliseconds> time;  ///< nothing = never, or not known
  std::string unknown;               ///< what could not be read, so that the time is not known; else empty
};

/// Everything above for one connection.
struct Limits {
  std::optional<std::uint64_t> rtt_us;  ///< least seen, else smoothed
  Throughput receive;
  Throughput send;
  TimeLimit connect_timeout;
  TimeLimit dead_peer_idle;
  TimeLimit dead_peer_in_flight;
};

/// Touches no socket; reads the sysctls it needs.
[[nodiscard]] TCPKIT_API Limits find_limits(const Snapshot& snapshot, SysctlValues& sysctls);

}  // namespace tcpkit
