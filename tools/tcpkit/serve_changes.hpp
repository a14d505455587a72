#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include <tcpkit/sock/provenance.hpp>

#include "serve_plan.hpp"

class Console;

/// Looks whether the kernel took the settings as asked: on listeners, whose values connections inherit, and once more
/// on the first connection. Each change is found once.
class ChangeWatch {
 public:
  explicit ChangeWatch(const ServeOrder& order);

  /// What the kernel changed or adjusted on a listener, of the settings that a listener has.
  [[nodiscard]] std::vector<tcpkit::Outcome> on_listener(int socket);
  /// The same on a connection, less what a listener showed; looks at the first one only. Thread-safe.
  [[nodiscard]] std::vector<tcpkit::Outcome> on_connection(int socket);

 private:
  [[nodiscard]] std::vector<tcpkit::Outcome> new_changes(int socket, bool (*judged)(const tcpkit::Setting&));

  std::vector<tcpkit::Setting> settings_;
  tcpkit::HostFacts host_;
  std::atomic<bool> connection_seen_ = false;
  std::mutex mutex_;  // of what follows
  tcpkit::SysctlValues sysctls_;
  std::vector<tcpkit::Setting> told_;
};

/// Tells changes to everybody, adjustments to those who want more. Whether it is a change.
bool tell_outcome(const tcpkit::Outcome& outcome, Console& console);
