#pragma once

#include <cstdint>
#include <deque>

#include "net/flow.hpp"

namespace tcpkit {

/// Bytes that streams wrote and the peer's kernel has: those count, whatever more is in a send buffer here.
class AckCount {
 public:
  /// `flows` outlive it.
  explicit AckCount(const std::deque<Flow>& flows) : flows_(flows) {}

  /// Forgets what was acknowledged until now.
  void begin() { taken_ = acknowledged(); }

  /// Acknowledged since begin(), and not taken.
  [[nodiscard]] std::uint64_t fresh() const;
  std::uint64_t take();

  /// Written, and not acknowledged.
  [[nodiscard]] std::uint64_t in_flight() const;

  /// To be told before a flow is closed: afterwards nobody knows.
  void closing(const Flow& flow) { by_closed_ += acknowledged_by(flow); }

 private:
  [[nodiscard]] std::uint64_t acknowledged() const;

  const std::deque<Flow>& flows_;
  std::uint64_t by_closed_ = 0;
  std::uint64_t taken_ = 0;
};

}  // namespace tcpkit
