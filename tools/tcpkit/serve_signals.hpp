#pragma once

#include <tcpkit/net/server.hpp>

/// While this exists, SIGINT and SIGTERM stop a server: the first drains it, the second ends it, a third one does
/// what it does to any program. There is one at a time.
class StopSignals {
 public:
  explicit StopSignals(tcpkit::Server& server);
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  /// How many have come.
  [[nodiscard]] static int count();
  /// The last one that came, or 0.
  [[nodiscard]] static int last();
};

/// A reader that goes away is an error of the write, not the end of the program.
void ignore_broken_pipes();
