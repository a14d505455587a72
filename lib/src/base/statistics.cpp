#include <tcpkit/base/statistics.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>

#include "base/nearest_rank.hpp"

namespace tcpkit {

void Samples::add(std::int64_t value) {
  values_.push_back(value);
}

std::int64_t Samples::min() const {
  assert(!empty());
  return *std::ranges::min_element(values_);
}

std::int64_t Samples::max() const {
  assert(!empty());
  return *std::ranges::max_element(values_);
}

std::int64_t Samples::mean() const {
  assert(!empty());
  // Quotients and remainders apart: their sums stay in range where the sum of the values would not.
  const auto count = static_cast<std::int64_t>(values_.size());
  std::int64_t quotients = 0;
  std::int64_t remainders = 0;
  for (const auto value : values_) {
    quotients += value / count;
    remainders += value % count;
  }
  const auto carry = std::floor(static_cast<double>(remainders) / static_cast<double>(count) + 0.5);
  return quotients + static_cast<std::int64_t>(carry);
}

std::int64_t Samples::percentile(double percent) const {
  assert(!empty());
  assert(percent > 0 && percent <= 100);
  std::vector<std::int64_t> values = values_;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(nearest_rank(values.size(), percent) - 1);
  std::ranges::nth_element(values, at);
  return *at;
}

}  // namespace tcpkit
