#include <cstdint>
#include <initializer_list>

#include <tcpkit/base/statistics.hpp>

#include "support/catch.hpp"

using namespace tcpkit;

namespace {

Samples samples(std::initializer_list<std::int64_t> values) {
  Samples result;
  for (const auto value : values) result.add(value);
  return result;
}

Samples one_to(std::int64_t last) {
  Samples result;
  for (auto value = last; value > 0; --value) result.add(value);
  return result;
}

}  // namespace

TEST_CASE("samples start empty and keep every value") {
  Samples set;
  CHECK(set.empty());
  set.add(5);
  set.add(5);
  CHECK_FALSE(set.empty());
  CHECK(set.size() == 2);
}

TEST_CASE("minimum and maximum do not depend on the order of arrival") {
  const auto set = samples({3, -7, 12, 0});
  CHECK(set.min() == -7);
  CHECK(set.max() == 12);
}

TEST_CASE("the mean is rounded to nearest") {
  CHECK(samples({1, 2}).mean() == 2);
  CHECK(samples({1, 1, 2}).mean() == 1);
  CHECK(samples({1, 2, 2}).mean() == 2);
  CHECK(samples({-1, -1, -2}).mean() == -1);
  CHECK(samples({-2, -2, -1}).mean() == -2);
  CHECK(samples({-5, 5}).mean() == 0);
}

TEST_CASE("the mean of huge samples does not overflow") {
  CHECK(samples({INT64_MAX, INT64_MAX, INT64_MAX}).mean() == INT64_MAX);
  CHECK(samples({INT64_MIN, INT64_MIN}).mean() == INT64_MIN);
  CHECK(samples({INT64_MAX - 1, INT64_MAX - 3}).mean() == INT64_MAX - 2);
}

TEST_CASE("percentiles are nearest ranks, so always one of the samples") {
  const auto hundred = one_to(100);
  CHECK(hundred.percentile(1) == 1);
  CHECK(hundred.percentile(7) == 7);
  CHECK(hundred.percentile(50) == 50);
  CHECK(hundred.percentile(99) == 99);
  CHECK(hundred.percentile(99.9) == 100);
  CHECK(hundred.percentile(100) == 100);
  CHECK(hundred.percentile(0.001) == 1);
  CHECK(samples({15, 20, 35, 40, 50}).percentile(30) == 20);
  CHECK(samples({15, 20, 35, 40, 50}).percentile(40) == 20);
}

TEST_CASE("binary fractions do not push a percentile up by a rank") {
  const auto thousand = one_to(1000);
  for (std::int64_t rank = 1; rank <= 1000; ++rank) {
    CHECK(thousand.percentile(static_cast<double>(rank) / 10) == rank);
  }
}

TEST_CASE("one sample is its own summary") {
  const auto set = samples({42});
  CHECK(set.min() == 42);
  CHECK(set.max() == 42);
  CHECK(set.mean() == 42);
  CHECK(set.percentile(50) == 42);
}
