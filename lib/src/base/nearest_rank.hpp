#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace tcpkit {

/// Rank, from 1, of a percentile among `count` samples in order: at least `percent` % of them are not beyond it.
/// 99.9 has no exact binary form: without the slack 99.9 % of some counts would round up to one rank too many.
inline std::uint64_t nearest_rank(std::uint64_t count, double percent) {
  constexpr double kSlack = 1 - 1e-12;
  const auto rank = static_cast<std::uint64_t>(std::ceil(percent * static_cast<double>(count) / 100 * kSlack));
  return std::clamp<std::uint64_t>(rank, 1, count);
}

}  // namespace tcpkit
