#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/provenance.hpp>

#include "serve_plan.hpp"

/// An option of a connection, as its event shows it.
struct ShownOption {
  tcpkit::OptionReading reading;
  tcpkit::Provenance provenance;
  std::optional<tcpkit::Value> requested;
};

/// Which options the event of a connection shows, and where their values come from.
class ShownOptions {
 public:
  /// `all` is every row of the catalogue. With `explained` the values get their provenance, which takes a look at this
  /// host.
  ShownOptions(const ServeOrder& order, bool all, bool explained);

  /// Those of this connection. Thread-safe.
  [[nodiscard]] std::vector<ShownOption> read(int socket);

 private:
  [[nodiscard]] tcpkit::Snapshot take(int socket) const;
  [[nodiscard]] std::vector<ShownOption> plain(const tcpkit::Snapshot& snapshot) const;
  void explain(const tcpkit::Snapshot& snapshot, std::vector<ShownOption>& options);
  const tcpkit::Snapshot* untouched(int family);

  struct Untouched {
    int family = 0;
    tcpkit::Result<tcpkit::Snapshot> snapshot;
  };

  bool all_;
  bool explained_;
  std::vector<tcpkit::Setting> settings_;       // of connections: with a row, and not for listeners only
  std::vector<tcpkit::Setting> of_the_server_;  // set by the library for its own work, shown with all others only
  std::size_t own_settings_ = 0;                // the first so many are serve's defaults
  std::vector<const tcpkit::Option*> shown_;    // in the order shown
  std::vector<const tcpkit::Option*> read_;     // those, and what explaining them takes
  bool reads_info_ = false;

  std::mutex mutex_;  // of what follows
  std::optional<tcpkit::HostFacts> host_;
  tcpkit::SysctlValues sysctls_;
  std::vector<Untouched> untouched_;
};
