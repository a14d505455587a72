#include "sock/snapshot_facts.hpp"

#include <fmt/format.h>

namespace tcpkit {

std::optional<std::uint64_t> info_number(const Snapshot& snapshot, std::string_view field) {
  return snapshot.info ? snapshot.info->get(field) : std::nullopt;
}

bool is_locked(const Snapshot& snapshot, std::int64_t lock) {
  return (number(snapshot, "SO_BUF_LOCK").value_or(0) & lock) != 0;
}

std::optional<std::uint64_t> measured_rtt_us(const Snapshot& snapshot) {
  constexpr std::uint64_t kNoSample = 0xffffffff;  // tcpi_min_rtt before the first measurement
  const auto least = info_number(snapshot, "min_rtt");
  if (least && *least != kNoSample && *least > 0) return least;
  const auto smoothed = info_number(snapshot, "rtt");
  return smoothed && *smoothed > 0 ? smoothed : std::nullopt;
}

bool timestamps_agreed(const Snapshot& snapshot) {
  return (info_number(snapshot, "options").value_or(0) & kTimestampsAgreed) != 0;
}

std::string text_of(std::optional<std::int64_t> number) {
  return number ? fmt::to_string(*number) : "unreadable";
}

}  // namespace tcpkit
