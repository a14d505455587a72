#pragma once

#include <cstddef>
#include <map>

#include <tcpkit/base/units.hpp>

#include "lab/packet.hpp"

namespace tcpkit::lab {

/// What a NAT or a stateful firewall remembers: flows it saw begin, each until it has been idle for too long.
class FlowMemory {
 public:
  /// Whether the packet passes; if it does, its flow is no longer idle. What is not TCP always passes.
  [[nodiscard]] bool admit(const PacketFacts& packet, Nanoseconds now, Nanoseconds longest_idle);

  [[nodiscard]] std::size_t size() const { return last_seen_.size(); }

 private:
  void forget_idle(Nanoseconds now, Nanoseconds longest_idle);

  std::map<Flow, Nanoseconds> last_seen_;
  std::size_t crowded_ = 1024;  // flows, and then those that ended long ago are swept out
};

}  // namespace tcpkit::lab
