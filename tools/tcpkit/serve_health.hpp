#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <tcpkit/net/server.hpp>
#include <tcpkit/sock/listen_queue.hpp>

/// How the listeners cope. The counters are the network namespace's; nothing = the kernel does not show one.
struct Health {
  std::optional<tcpkit::AcceptQueue> queue;  ///< the longest one; nothing when none of them listens any more
  std::optional<std::uint64_t> overflows;    ///< ListenOverflows since the watch began
  std::optional<std::uint64_t> drops;        ///< ListenDrops since the watch began
  std::uint64_t new_overflows = 0;           ///< since it was last told
  std::uint64_t new_drops = 0;
  std::optional<std::uint64_t> own_drops;  ///< of those, by the listeners that are watched; nothing where not known
  std::uint64_t new_own_drops = 0;
};

/// Watches accept queues and the counters of what had to be dropped, from its making on.
class HealthWatch {
 public:
  explicit HealthWatch(std::span<const tcpkit::Listener> listeners);

  /// How it is now.
  [[nodiscard]] Health look() const;
  /// The same, when a counter moved since this last returned something.
  std::optional<Health> look_for_news();

 private:
  std::vector<int> sockets_;
  tcpkit::ListenCounters at_start_;
  std::uint64_t told_overflows_ = 0;
  std::uint64_t told_drops_ = 0;
  std::uint64_t told_own_drops_ = 0;
};
