#pragma once

#include <tcpkit/net/load.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"

/// Loads as the tests run them.
namespace tcpkit::test {

/// A request at a time to this address, with bytes that differ from their neighbours.
inline LoadPlan load_plan(const Endpoint& address, LoadMode mode = LoadMode::RequestResponse, std::size_t size = 64) {
  LoadPlan plan;
  plan.addresses = {address};
  plan.mode = mode;
  plan.request.resize(size);
  for (std::size_t n = 0; n < size; ++n) plan.request[n] = static_cast<char>('a' + n % 26);
  return plan;
}

struct LoadRecorder : LoadEvents {
  void interval(const LoadNumbers& numbers) override { intervals.push_back(numbers); }
  void ticked(std::uint64_t /*done*/, std::uint64_t /*failed*/, std::uint64_t /*bytes*/,
              Nanoseconds /*elapsed*/) override {
    ++ticks;
  }
  std::vector<LoadNumbers> intervals;
  int ticks = 0;
};

inline Load opened(const LoadPlan& plan) {
  std::vector<Attempt> attempts;
  Result<Load> load = Load::open(plan, attempts);
  if (!load) FAIL(describe(load.error()));
  return std::move(*load);
}

inline LoadResult run(const LoadPlan& plan, LoadEvents& events) {
  Load load = opened(plan);
  Result<LoadResult> result = load.run(events);
  REQUIRE(result);
  return std::move(*result);
}

inline LoadResult run(const LoadPlan& plan) {
  LoadEvents nobody;
  return run(plan, nobody);
}

inline std::uint64_t count_of(const LoadNumbers& numbers, LoadFailure failure) {
  return numbers.failures[static_cast<std::size_t>(failure)];
}

inline std::uint64_t failures_of(const LoadNumbers& numbers) {
  return std::accumulate(numbers.failures.begin(), numbers.failures.end(), std::uint64_t{0});
}

}  // namespace tcpkit::test
