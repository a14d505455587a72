#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tcpkit/diag/diagnose.hpp>
#include <tcpkit/net/server.hpp>

#include "serve_plan.hpp"

class Console;

/// What rules say about the listeners while they serve, and about the first connection, which shows what the settings
/// come to. Each finding is told once. Thread-safe.
class FindingWatch {
 public:
  FindingWatch(const ServeOrder& order, std::span<const tcpkit::Listener> listeners);

  /// A finding, and the address it is about.
  struct Found {
    std::string address;
    tcpkit::Finding finding;
  };

  /// What is new about the listeners.
  [[nodiscard]] std::vector<Found> look();
  /// What is new about a connection; looks at the first one only.
  [[nodiscard]] std::vector<Found> on_connection(int socket, const tcpkit::Endpoint& peer);

  /// Whether anything was found that --fail-on is about.
  [[nodiscard]] bool fails() const { return fails_; }
  /// All that was found so far.
  [[nodiscard]] std::vector<Found> all() const;

 private:
  [[nodiscard]] std::vector<Found> new_findings(const std::string& address, const tcpkit::Observation& observation);

  const ServeOrder& order_;
  std::vector<std::pair<std::string, int>> listeners_;  // an address and a socket of it
  std::optional<tcpkit::NetCounters> counters_before_;
  std::atomic<bool> connection_seen_ = false;
  std::atomic<bool> fails_ = false;
  mutable std::mutex mutex_;  // of what follows
  std::vector<Found> found_;
};

/// Tells a finding: a line for people, notes to those who want more, and an event for programs.
void tell_found(const FindingWatch::Found& found, Console& console);
