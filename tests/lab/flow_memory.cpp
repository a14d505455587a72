#include "lab/flow_memory.hpp"

#include <algorithm>

namespace tcpkit::lab {

bool FlowMemory::admit(const PacketFacts& packet, Nanoseconds now, Nanoseconds longest_idle) {
  if (!packet.tcp) return true;
  if (packet.opens) {
    if (last_seen_.size() >= crowded_) forget_idle(now, longest_idle);
    last_seen_[packet.flow] = now;
    return true;
  }
  const auto known = last_seen_.find(packet.flow);
  if (known == last_seen_.end()) return false;
  if (now - known->second > longest_idle) {
    last_seen_.erase(known);
    return false;
  }
  known->second = now;
  return true;
}

void FlowMemory::forget_idle(Nanoseconds now, Nanoseconds longest_idle) {
  std::erase_if(last_seen_, [&](const auto& entry) { return now - entry.second > longest_idle; });
  crowded_ = std::max(crowded_, 2 * last_seen_.size());
}

}  // namespace tcpkit::lab
