#include "net/schedule.hpp"

#include <chrono>
#include <cstdint>

#include "support/catch.hpp"

using namespace tcpkit;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kEndless = UINT64_MAX;
constexpr std::uint64_t kSecondsOfADay = 86'400;
const Clock::time_point kBegin{12'345'678'901'234ns};

/// When the request after `taken` others is due.
Clock::time_point due_after(std::uint64_t per_second, std::uint64_t taken) {
  Schedule schedule(kBegin, per_second, kEndless);
  for (std::uint64_t n = 0; n < taken; ++n) schedule.take();
  return schedule.next();
}

}  // namespace

TEST_CASE("the first request is due at once, and the others a period apart") {
  Schedule schedule(kBegin, 1000, 3);
  for (int n = 0; n < 3; ++n) {
    CHECK_FALSE(schedule.is_done());
    CHECK(schedule.next() == kBegin + n * 1ms);
    schedule.take();
  }
  CHECK(schedule.is_done());
  CHECK(schedule.end() == kBegin + 3ms);
}

TEST_CASE("a schedule keeps its rate for days, also where a period is no whole number of nanoseconds") {
  for (const std::uint64_t per_second : {1U, 3U, 7U, 60U, 333U, 999'983U, 1'000'003U, 3'000'000'000U}) {
    CAPTURE(per_second);
    CHECK(Schedule(kBegin, per_second, per_second * kSecondsOfADay * 30).end() == kBegin + 30 * 24h);
  }
  CHECK(due_after(3, 3 * kSecondsOfADay) == kBegin + 24h);
  CHECK(due_after(7, 7 * kSecondsOfADay + 1) == kBegin + 24h + 142'857'142ns);
}

TEST_CASE("no time of a schedule is off by more than a nanosecond") {
  Schedule schedule(kBegin, 7, kEndless);
  for (std::int64_t n = 0; n < 70'000; ++n) {
    const Nanoseconds exact(n * 1'000'000'000 / 7);
    REQUIRE(schedule.next() - kBegin - exact <= 1ns);
    REQUIRE(exact - (schedule.next() - kBegin) <= 1ns);
    schedule.take();
  }
}

TEST_CASE("requests due within a time are counted without overflow") {
  CHECK(Schedule::due_within(0s, 1000) == 0);
  CHECK(Schedule::due_within(1s, 1000) == 1000);
  CHECK(Schedule::due_within(2500ms, 3) == 7);
  CHECK(Schedule::due_within(333ms, 3) == 0);
  CHECK(Schedule::due_within(365 * 24h, 1'000'003) == 1'000'003 * kSecondsOfADay * 365);
}

TEST_CASE("what was due and not taken is overdue") {
  Schedule schedule(kBegin, 100, 50);
  CHECK(schedule.overdue(kBegin - 1ns) == 0);
  CHECK(schedule.overdue(kBegin) == 1);
  CHECK(schedule.overdue(kBegin + 95ms) == 10);
  for (int n = 0; n < 4; ++n) schedule.take();
  CHECK(schedule.overdue(kBegin + 95ms) == 6);
  CHECK(schedule.overdue(kBegin) == 0);
  CHECK(schedule.overdue(kBegin + 24h) == 46);
  CHECK(schedule.left() == 46);
}

TEST_CASE("a schedule ends with its total") {
  Schedule schedule(kBegin, 1'000'000, 1000);
  while (!schedule.is_done()) schedule.take();
  CHECK(schedule.left() == 0);
  CHECK(schedule.overdue(kBegin + 1h) == 0);
  CHECK(schedule.end() == kBegin + 1ms);
}

TEST_CASE("what a schedule has beyond the end of all time is never due") {
  for (const std::uint64_t total : {UINT64_MAX, std::uint64_t{10'000'000'000}, std::uint64_t{9'223'000'000}}) {
    CAPTURE(total);
    CHECK(Schedule(kBegin, 1, total).end() == Clock::time_point::max());
  }
}
