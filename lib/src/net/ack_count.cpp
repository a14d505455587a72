#include "net/ack_count.hpp"

#include <algorithm>

namespace tcpkit {

std::uint64_t AckCount::acknowledged() const {
  std::uint64_t bytes = by_closed_;
  for (const Flow& flow : flows_) bytes += acknowledged_by(flow);
  return bytes;
}

std::uint64_t AckCount::in_flight() const {
  std::uint64_t bytes = 0;
  for (const Flow& flow : flows_) bytes += flow.written - acknowledged_by(flow);
  return bytes;
}

std::uint64_t AckCount::fresh() const {
  const std::uint64_t bytes = acknowledged();
  return bytes - std::min(bytes, taken_);
}

std::uint64_t AckCount::take() {
  const std::uint64_t bytes = fresh();
  taken_ += bytes;
  return bytes;
}

}  // namespace tcpkit
