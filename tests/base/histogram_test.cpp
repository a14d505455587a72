#include <tcpkit/base/histogram.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <numeric>
#include <random>
#include <vector>

#include "support/catch.hpp"

using namespace tcpkit;
using namespace std::chrono_literals;

namespace {

constexpr std::initializer_list<double> kPercents = {0.01, 1, 10, 25, 50, 75, 90, 99, 99.9, 99.99, 100};

/// From a microsecond to an hour, as many in each power of two as in any other.
std::vector<Nanoseconds> times_of_all_lengths(std::size_t count) {
  std::mt19937_64 random(20250131);
  std::uniform_real_distribution<double> exponent(std::log(1e3), std::log(3.6e12));
  std::vector<Nanoseconds> times(count);
  for (Nanoseconds& time : times) time = Nanoseconds(std::llround(std::exp(exponent(random))));
  return times;
}

Histogram histogram_of(const std::vector<Nanoseconds>& times) {
  Histogram histogram;
  for (const Nanoseconds time : times) histogram.add(time);
  return histogram;
}

/// The nearest rank in what was sorted.
Nanoseconds nearest_rank(const std::vector<Nanoseconds>& sorted, double percent) {
  const double rank = std::ceil(static_cast<double>(sorted.size()) * percent / 100);
  return sorted[static_cast<std::size_t>(rank) - 1];
}

double error_of(Nanoseconds told, Nanoseconds exact) {
  return std::abs(static_cast<double>((told - exact).count())) / static_cast<double>(exact.count());
}

}  // namespace

TEST_CASE("a histogram begins empty") {
  Histogram histogram;
  CHECK(histogram.empty());
  CHECK(histogram.count_between(0ns, 2h) == 0);
  histogram.add(5us);
  CHECK_FALSE(histogram.empty());
  CHECK(histogram.count() == 1);
}

TEST_CASE("one time is its own summary, exactly") {
  for (const Nanoseconds time :
       {0ns, 1ns, 255ns, 256ns, 257ns, 1'234'567ns, 3'599'999'999'999ns, 3'600'000'000'000ns}) {
    CAPTURE(time.count());
    const Histogram histogram = histogram_of({time});
    CHECK(histogram.count() == 1);
    CHECK(histogram.min() == time);
    CHECK(histogram.max() == time);
    CHECK(histogram.mean() == time);
    for (const double percent : kPercents) CHECK(histogram.percentile(percent) == time);
  }
}

TEST_CASE("minimum, maximum and mean of times are exact") {
  const std::vector<Nanoseconds> times = times_of_all_lengths(1000);
  const Histogram histogram = histogram_of(times);
  CHECK(histogram.min() == *std::ranges::min_element(times));
  CHECK(histogram.max() == *std::ranges::max_element(times));
  const auto sum = std::accumulate(times.begin(), times.end(), 0ns);
  CHECK(std::abs((histogram.mean() - sum / 1000).count()) <= 1);
}

TEST_CASE("percentiles of times from a microsecond to an hour are within one percent of the sorted times") {
  std::vector<Nanoseconds> times = times_of_all_lengths(100'000);
  const Histogram histogram = histogram_of(times);
  std::ranges::sort(times);
  for (const double percent : kPercents) {
    CAPTURE(percent);
    CHECK(error_of(histogram.percentile(percent), nearest_rank(times, percent)) < 0.01);
  }
}

TEST_CASE("a percentile does not tell less than the time of its rank") {
  std::vector<Nanoseconds> times = times_of_all_lengths(10'000);
  const Histogram histogram = histogram_of(times);
  std::ranges::sort(times);
  for (const double percent : kPercents) CHECK(histogram.percentile(percent) >= nearest_rank(times, percent));
}

TEST_CASE("binary fractions do not push a percentile of times up by a rank") {
  for (int rank = 1; rank <= 1000; ++rank) {
    Histogram histogram;
    for (int n = 0; n < 1000; ++n) histogram.add(n < rank ? 1ns : 100ns);
    CAPTURE(rank);
    CHECK(histogram.percentile(rank / 10.0) == 1ns);
  }
}

TEST_CASE("the highest percentile is the longest time, and the lowest one is no shorter than the shortest") {
  Histogram histogram;
  for (int n = 0; n < 9999; ++n) histogram.add(1001us);
  histogram.add(7h);
  CHECK(histogram.percentile(100) == 7h);
  CHECK(histogram.percentile(99.99) < 1011us);
  CHECK(histogram.percentile(99.995) == 7h);
  CHECK(histogram.percentile(0.01) >= 1001us);
}

TEST_CASE("times beyond an hour and below zero are counted, and the longest is told exactly") {
  const Histogram histogram = histogram_of({-5ns, 2h, 3h, 100h});
  CHECK(histogram.count() == 4);
  CHECK(histogram.min() == 0ns);
  CHECK(histogram.max() == 100h);
  CHECK(histogram.mean() == (105h + 2ns) / 4);
  CHECK(histogram.percentile(25) == 0ns);
  CHECK(histogram.percentile(75) >= 1h);
  CHECK(histogram.percentile(75) < 1h + 36s);
}

TEST_CASE("merged histograms are the histogram of all their times") {
  const std::vector<Nanoseconds> times = times_of_all_lengths(3000);
  Histogram merged;
  for (std::size_t part = 0; part < 3; ++part) {
    const auto begin = times.begin() + static_cast<std::ptrdiff_t>(part * 1000);
    merged.merge(histogram_of({begin, begin + 1000}));
  }
  merged.merge(Histogram());
  const Histogram all = histogram_of(times);
  CHECK(merged.count() == all.count());
  CHECK(merged.min() == all.min());
  CHECK(merged.max() == all.max());
  CHECK(std::abs((merged.mean() - all.mean()).count()) <= 1);
  for (const double percent : kPercents) CHECK(merged.percentile(percent) == all.percentile(percent));
}

TEST_CASE("times are counted between two others, the second one excluded") {
  Histogram histogram;
  for (int n = 0; n < 100; ++n) histogram.add(Nanoseconds(std::chrono::milliseconds(n)));
  CHECK(histogram.count_between(0ns, 2h) == 100);
  CHECK(histogram.count_between(30'500us, 60'500us) == 30);
  CHECK(histogram.count_between(50ms, 50ms) == 0);
  CHECK(histogram.count_between(60ms, 50ms) == 0);
  CHECK(histogram.count_between(200ms, 1h) == 0);
  CHECK(histogram.count_between(-1ms, 500us) == 1);
}

TEST_CASE("times beyond an hour are found beyond an hour") {
  const Histogram histogram = histogram_of({59min, 2h});
  CHECK(histogram.count_between(50min, 1h) == 1);
  CHECK(histogram.count_between(50min, 10h) == 2);
}

TEST_CASE("many equal times have an exact mean") {
  Histogram histogram;
  for (int n = 0; n < 1'000'000; ++n) histogram.add(123'456ns);
  CHECK(histogram.mean() == 123'456ns);
  CHECK(histogram.percentile(50) == 123'456ns);
}
