#include "net/absence.hpp"

#include <chrono>

#include "support/catch.hpp"

using namespace tcpkit;
using namespace std::chrono_literals;

namespace {

Nanoseconds g_used{0};

/// A loop that looks in at least every 10 ms, with clocks that the test turns.
struct Loop {
  Nanoseconds look_after(Nanoseconds time) {
    now += time;
    return watch.look(now);
  }

  Clock::time_point now{1h};
  AbsenceWatch watch{10ms, now, [] { return g_used; }};
};

}  // namespace

TEST_CASE("a loop that comes in time was never away") {
  Loop loop;
  for (int n = 0; n < 1000; ++n) CHECK(loop.look_after(n % 2 == 0 ? 10ms : 3us) == 0ns);
  CHECK(loop.watch.absences().count == 0);
  CHECK(loop.watch.absences().total == 0ns);
  CHECK(loop.watch.absences().longest == 0ns);
}

TEST_CASE("delays that any busy host has are no absence") {
  Loop loop;
  CHECK(loop.look_after(29ms) == 0ns);
  CHECK(loop.watch.absences().count == 0);
  CHECK(loop.look_after(30ms) == 20ms);
  CHECK(loop.watch.absences().count == 1);
}

TEST_CASE("a loop that worked was not away, but one that worked only for a part of the time was") {
  Loop loop;
  g_used += 200ms;
  CHECK(loop.look_after(205ms) == 0ns);
  loop.look_after(4ms);
  g_used += 8ms;
  CHECK(loop.look_after(5ms) == 0ns);
  CHECK(loop.look_after(10ms) == 0ns);
  g_used += 100ms;
  CHECK(loop.look_after(510ms) == 400ms);
  CHECK(loop.watch.absences().count == 1);
}

TEST_CASE("absences are counted, and what the loop would have slept is none of them") {
  Loop loop;
  CHECK(loop.look_after(510ms) == 500ms);
  CHECK(loop.look_after(10ms) == 0ns);
  CHECK(loop.look_after(2s) == 1990ms);
  CHECK(loop.look_after(110ms) == 100ms);
  CHECK(loop.watch.absences().count == 3);
  CHECK(loop.watch.absences().total == 2590ms);
  CHECK(loop.watch.absences().longest == 1990ms);
}

TEST_CASE("absences that are forgotten are not counted twice") {
  Loop loop;
  loop.look_after(1s);
  loop.watch.forget();
  CHECK(loop.watch.absences().count == 0);
  CHECK(loop.look_after(1ms) == 0ns);
  CHECK(loop.watch.absences().total == 0ns);
  loop.look_after(60ms);
  CHECK(loop.watch.absences().longest == 50ms);
}
