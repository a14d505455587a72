#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <tcpkit/base/result.hpp>

/// How many descriptors there are for connections.
struct DescriptorRoom {
  std::uint64_t soft = 0;     ///< RLIMIT_NOFILE
  std::uint64_t hard = 0;     ///< what it may be raised to
  std::uint64_t reserve = 0;  ///< descriptors that connections cannot have
};

/// How many connections at once, and what that takes.
struct ConnectionLimit {
  std::uint64_t connections = 1;
  std::uint64_t soft = 0;  ///< the soft limit this needs; not above the hard one
  std::string warning;     ///< why it is less than was asked for, or empty
};

/// Pure. Without a number asked for: as many as fit below the soft limit, at most 1024. At least one.
[[nodiscard]] ConnectionLimit fit_connections(std::optional<std::uint64_t> asked, const DescriptorRoom& room);

/// Pure. The soft limit that exactly so many connections need; fails with EMFILE and both numbers where the hard one
/// is lower.
[[nodiscard]] tcpkit::Result<std::uint64_t> descriptors_for(std::uint64_t connections, const DescriptorRoom& room);

/// What this process has, with so many listening sockets and threads.
[[nodiscard]] tcpkit::Result<DescriptorRoom> descriptor_room(std::size_t listeners, std::size_t threads);

/// Raises the soft limit of descriptors; does nothing when it is high enough.
[[nodiscard]] tcpkit::Result<void> raise_descriptor_limit(std::uint64_t soft);
