#pragma once

#include <chrono>
#include <cstdint>

/// What the kernel does to numbers it is given: pure functions, each with its place in the kernel's source.
namespace tcpkit {

using Seconds = std::chrono::seconds;

inline constexpr std::int64_t kTimestampOptionBytes = 12;  // TCPOLEN_TSTAMP_ALIGNED

/// net/core/sock.c, sk_setsockopt(SO_RCVBUF, SO_SNDBUF): the limit compares unsigned, so that a negative size is the
/// greatest; then doubled, and never below the minimum.
std::int64_t effective_buffer(std::int64_t asked, std::int64_t max, std::int64_t least);

/// Up to a multiple of `step`; `step` > 0.
std::int64_t round_up(std::int64_t value, std::int64_t step);

/// include/net/inet_ecn.h, INET_ECN_MASK: on a stream socket the two lowest bits are the kernel's.
std::int64_t tos_on_stream(std::int64_t tos);

/// net/ipv4/tcp.c, secs_to_retrans() and retrans_to_secs(): seconds are kept as a number of SYN-ACK timeouts of
/// 1, 2, 4 ... rto_max s, and read back as their sum.
std::int64_t defer_accept_seconds(std::int64_t asked, Seconds rto_max);

/// net/ipv4/tcp_output.c, tcp_select_initial_window(): the shift that lets 16 bits express `space` bytes.
int window_scale_for(std::uint64_t space);

}  // namespace tcpkit
