#include <tcpkit/base/histogram.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/nearest_rank.hpp"

namespace tcpkit {

Histogram::Histogram() : counts_(bucket_of(kLongest.count()) + 1) {}

void Histogram::merge(const Histogram& other) {
  std::transform(counts_.begin(), counts_.end(), other.counts_.begin(), counts_.begin(), std::plus<>());
  total_ += other.total_;
  sum_ns_ += other.sum_ns_;
  min_ns_ = std::min(min_ns_, other.min_ns_);
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

Nanoseconds Histogram::min() const {
  assert(!empty());
  return Nanoseconds(min_ns_);
}

Nanoseconds Histogram::max() const {
  assert(!empty());
  return Nanoseconds(max_ns_);
}

Nanoseconds Histogram::mean() const {
  assert(!empty());
  return Nanoseconds(std::llround(sum_ns_ / static_cast<double>(total_)));
}

Nanoseconds Histogram::last_in(std::size_t bucket) noexcept {
  const std::size_t shift = bucket < 2 * kParts ? 0 : bucket / kParts - 1;
  const std::uint64_t first = (bucket - shift * kParts) << shift;
  return Nanoseconds(static_cast<std::int64_t>(first + (std::uint64_t{1} << shift) - 1));
}

Nanoseconds Histogram::percentile(double percent) const {
  assert(!empty() && percent > 0 && percent <= 100);
  const std::uint64_t rank = nearest_rank(total_, percent);
  if (rank == total_) return max();
  std::uint64_t seen = 0;
  std::size_t bucket = 0;
  while ((seen += counts_[bucket]) < rank) ++bucket;
  return std::clamp(last_in(bucket), min(), max());
}

std::uint64_t Histogram::count_between(Nanoseconds from, Nanoseconds to) const noexcept {
  const auto bucket = [](Nanoseconds time) { return bucket_of(std::clamp(time, Nanoseconds(0), kLongest).count()); };
  const auto begin = counts_.begin() + static_cast<std::ptrdiff_t>(bucket(from));
  const auto end = to > kLongest ? counts_.end() : counts_.begin() + static_cast<std::ptrdiff_t>(bucket(to));
  return begin < end ? std::accumulate(begin, end, std::uint64_t{0}) : 0;
}

}  // namespace tcpkit
