#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/units.hpp>

namespace tcpkit {

/// Times by powers of two, each cut into 128 equal parts: less than 1 % of error at any length, in fixed memory.
/// For any number of samples; adding one is a few instructions. Times below 0 count as 0, those beyond an hour as an
/// hour, but max() and mean() are exact. Mergeable. An empty one has no minimum, mean or percentile (asserts).
class TCPKIT_API Histogram {
 public:
  static constexpr Nanoseconds kLongest{3'600'000'000'000};

  Histogram();

  void add(Nanoseconds time) noexcept {
    const std::int64_t ns = time.count() > 0 ? time.count() : 0;
    ++counts_[bucket_of(ns < kLongest.count() ? ns : kLongest.count())];
    ++total_;
    sum_ns_ += static_cast<double>(ns);
    if (ns < min_ns_) min_ns_ = ns;
    if (ns > max_ns_) max_ns_ = ns;
  }

  void merge(const Histogram& other);

  [[nodiscard]] std::uint64_t count() const noexcept { return total_; }
  [[nodiscard]] bool empty() const noexcept { return total_ == 0; }
  [[nodiscard]] Nanoseconds min() const;
  [[nodiscard]] Nanoseconds max() const;
  [[nodiscard]] Nanoseconds mean() const;

  /// Nearest-rank percentile: at least `percent` % of all samples do not exceed it. `percent` is in (0, 100]; 100 is
  /// max(). Never outside min() and max().
  [[nodiscard]] Nanoseconds percentile(double percent) const;

  /// Samples in [from, to), to within 1 % of both.
  [[nodiscard]] std::uint64_t count_between(Nanoseconds from, Nanoseconds to) const noexcept;

 private:
  static constexpr unsigned kPartBits = 7;
  static constexpr std::size_t kParts = 1U << kPartBits;

  static constexpr std::size_t bucket_of(std::int64_t ns) noexcept {
    const auto number = static_cast<std::uint64_t>(ns);
    const unsigned width = static_cast<unsigned>(std::bit_width(number));
    const unsigned shift = width <= kPartBits + 1 ? 0 : width - kPartBits - 1;
    return shift * kParts + static_cast<std::size_t>(number >> shift);
  }
  static Nanoseconds last_in(std::size_t bucket) noexcept;

  std::vector<std::uint64_t> counts_;  // by bucket
  std::uint64_t total_ = 0;
  double sum_ns_ = 0;
  std::int64_t min_ns_ = INT64_MAX;
  std::int64_t max_ns_ = 0;
};

}  // namespace tcpkit
