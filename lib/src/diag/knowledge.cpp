#include "diag/knowledge.hpp"

#include <fmt/format.h>

#include <tcpkit/sock/limits.hpp>

#include "sock/snapshot_facts.hpp"

namespace tcpkit {

std::optional<std::uint64_t> rate_while_busy(const Inputs& inputs) {
  const std::uint64_t busy_us = inputs.growth("busy_time");
  return busy_us <= kLeastBusyUs ? std::nullopt : window_rate(inputs.growth("bytes_acked"), busy_us);
}

std::optional<std::uint64_t> path_rtt_us(const Observation& observation) {
  return observation.expected.rtt_us ? observation.expected.rtt_us : measured_rtt_us(observation.snapshot);
}

std::string carried(std::uint64_t window_bytes, std::optional<std::uint64_t> rtt_us) {
  const auto rate = rtt_us ? window_rate(window_bytes, *rtt_us) : std::nullopt;
  if (!rate) return format_bytes(window_bytes);
  return fmt::format("{} carry {} at a round trip of {}", format_bytes(window_bytes), format_bit_rate(*rate * 8),
                     microseconds_text(*rtt_us));
}

std::string microseconds_text(std::uint64_t microseconds) {
  return format_duration(std::chrono::microseconds(microseconds));
}

}  // namespace tcpkit
