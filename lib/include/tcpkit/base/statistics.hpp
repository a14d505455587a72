#pragma once

#include <cstdint>
#include <vector>

#include <tcpkit/base/api.hpp>

namespace tcpkit {

/// Exact summary of a small set of samples (connect times of `probe -n`): everything is kept. Adding
/// is cheap, a percentile takes time and memory in proportion to the number of samples.
/// Values are in the caller's unit; an empty set has no minimum, mean or percentile (asserts).
class TCPKIT_API Samples {
 public:
  void add(std::int64_t value);

  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  [[nodiscard]] bool empty() const noexcept { return values_.empty(); }
  [[nodiscard]] std::int64_t min() const;
  [[nodiscard]] std::int64_t max() const;
  [[nodiscard]] std::int64_t mean() const;  ///< rounded to nearest

  /// Nearest-rank percentile: the smallest sample that at least `percent` % of all samples do not exceed.
  /// `percent` is in (0, 100].
  [[nodiscard]] std::int64_t percentile(double percent) const;

 private:
  std::vector<std::int64_t> values_;  // in the order they came
};

}  // namespace tcpkit
