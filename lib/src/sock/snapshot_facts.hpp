#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tcpkit/sock/snapshot.hpp>

/// What several readers of a snapshot ask it.
namespace tcpkit {

// Bits of SO_BUF_LOCK, include/uapi/linux/socket.h
inline constexpr std::int64_t kSndbufLock = 1;
inline constexpr std::int64_t kRcvbufLock = 2;

// Bits of tcpi_options, include/uapi/linux/tcp.h
inline constexpr std::uint64_t kTimestampsAgreed = 1;
inline constexpr std::uint64_t kSackAgreed = 2;
inline constexpr std::uint64_t kScalingAgreed = 4;
inline constexpr std::uint64_t kEcnAgreed = 8;

/// A field of TCP_INFO by its name; nothing when this kernel does not return it, or there is no TCP_INFO.
std::optional<std::uint64_t> info_number(const Snapshot& snapshot, std::string_view field);

/// Whether the kernel says that the buffer was set explicitly, which ends its autotuning. Kernels before 5.15 do not
/// say: false is "not known to be".
bool is_locked(const Snapshot& snapshot, std::int64_t lock);

/// The least round-trip time seen, else the smoothed one; nothing before the first measurement.
std::optional<std::uint64_t> measured_rtt_us(const Snapshot& snapshot);

/// Whether TCP_INFO says that segments carry timestamps.
bool timestamps_agreed(const Snapshot& snapshot);

/// The number, or "unreadable".
std::string text_of(std::optional<std::int64_t> number);

}  // namespace tcpkit
