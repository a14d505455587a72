#include "lab/path_model.hpp"

#include <algorithm>
#include <vector>

#include "support/catch.hpp"

namespace tcpkit::lab {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBytes = 1250;  // 10,000 bits
constexpr std::uint32_t kPercent = kCertain / 100;

/// What becomes of so many packets with data that are offered at these intervals.
std::vector<Fate> offer(PathModel& path, int count, Nanoseconds interval = {}) {
  std::vector<Fate> fates;
  for (int i = 0; i < count; ++i) fates.push_back(path.offer(kBytes, true, i * interval));
  return fates;
}

auto count_dropped(const std::vector<Fate>& fates, Drop reason) {
  return std::ranges::count_if(fates, [&](const Fate& fate) { return fate.drop == reason; });
}

TEST_CASE("a path without settings delivers at once") {
  PathModel path({}, 1);
  const Fate fate = path.offer(kBytes, true, 7s);
  CHECK_FALSE(fate.drop);
  CHECK(fate.arrival == 7s);
}

TEST_CASE("packets of a path with a rate are sent one after the other") {
  PathModel path({.delay = 25ms, .bits_per_second = 10'000'000}, 1);
  const std::vector<Fate> fates = offer(path, 3);
  CHECK(fates[0].arrival == 26ms);
  CHECK(fates[2].arrival == 28ms);
  CHECK(path.offer(kBytes, true, 1s).arrival == 1026ms);  // an idle line saves nothing up
}

TEST_CASE("a rate is never exceeded by rounding") {
  PathModel path({.bits_per_second = 3'000'000'000}, 1);
  CHECK(path.offer(1, true, 0s).arrival == 3ns);  // 2.67 ns
}

TEST_CASE("a full queue drops what comes last") {
  const QueueLimit limit = GENERATE(QueueLimit{4, true}, QueueLimit{4 * kBytes + 1, false});
  PathModel path({.bits_per_second = 10'000'000, .queue = limit}, 1);
  const std::vector<Fate> fates = offer(path, 6);
  CHECK_FALSE(fates[3].drop);
  CHECK(fates[4].drop == Drop::queue);
  CHECK_FALSE(path.offer(kBytes, true, 1ms).drop);  // the first one has left
  CHECK(path.offer(kBytes, true, 1ms).drop == Drop::queue);
}

TEST_CASE("loss is as frequent as asked") {
  PathModel path({.loss = 2 * kPercent}, 1);
  const auto lost = count_dropped(offer(path, 100'000), Drop::loss);
  CHECK(lost > 1823);  // 2000, and four times the standard deviation of 44
  CHECK(lost < 2177);
}

TEST_CASE("certain loss spares nothing") {
  PathModel path({.loss = kCertain}, 1);
  CHECK(count_dropped(offer(path, 1000), Drop::loss) == 1000);
}

TEST_CASE("the same seed loses the same packets and another one others") {
  const auto pattern = [](std::uint64_t seed) {
    PathModel path({.loss = 10 * kPercent}, seed);
    std::vector<bool> lost;
    for (const Fate& fate : offer(path, 1000)) lost.push_back(fate.drop.has_value());
    return lost;
  };
  CHECK(pattern(1) == pattern(1));
  CHECK(pattern(1) != pattern(2));
}

TEST_CASE("listed packets are lost, and only those with data count") {
  PathSettings settings;
  settings.lose = {{1, 3}, 1};
  PathModel path(settings, 1);
  CHECK_FALSE(path.offer(kBytes, false, 0s).drop);
  const std::vector<Fate> fates = offer(path, 4);
  CHECK(fates[0].drop == Drop::listed);
  CHECK_FALSE(fates[1].drop);
  CHECK(fates[2].drop == Drop::listed);
  CHECK_FALSE(fates[3].drop);
}

TEST_CASE("a new list counts from one, and another change does not") {
  PathSettings settings;
  settings.lose = {{3}, 1};
  PathModel path(settings, 1);
  CHECK(count_dropped(offer(path, 2), Drop::listed) == 0);
  settings.delay = 1ms;
  path.change(settings);
  CHECK(count_dropped(offer(path, 1), Drop::listed) == 1);
  ++settings.lose.generation;
  path.change(settings);
  CHECK(offer(path, 3)[2].drop == Drop::listed);
}

TEST_CASE("jitter lengthens the way and keeps the order") {
  PathModel path({.delay = 10ms, .jitter = 5ms}, 1);
  const std::vector<Fate> fates = offer(path, 1000, 100us);
  Nanoseconds shortest = 1h;
  Nanoseconds longest = 0s;
  for (std::size_t i = 0; i < fates.size(); ++i) {
    const Nanoseconds way = fates[i].arrival - static_cast<int>(i) * 100us;
    shortest = std::min(shortest, way);
    longest = std::max(longest, way);
    if (i > 0) CHECK(fates[i].arrival >= fates[i - 1].arrival);
  }
  CHECK(shortest >= 10ms);
  CHECK(longest <= 15ms);
  CHECK(longest > 14ms);
}

TEST_CASE("what is held back is overtaken") {
  PathModel path({.reorder = 10 * kPercent, .reorder_by = 5ms}, 1);
  int held_back = 0;
  for (int i = 0; i < 1000; ++i) {
    const Fate fate = path.offer(kBytes, true, i * 1ms);
    held_back += fate.held_back ? 1 : 0;
    CHECK(fate.arrival == i * 1ms + (fate.held_back ? 5ms : 0ms));
  }
  CHECK(held_back > 62);  // 100, and four times the standard deviation of 9.5
  CHECK(held_back < 138);
}

TEST_CASE("a packet beyond the size that passes is dropped, and one of that size is not") {
  PathModel path({.drop_larger = kBytes}, 1);
  CHECK_FALSE(path.offer(kBytes, true, 0s).drop);
  CHECK(path.offer(kBytes + 1, true, 0s).drop == Drop::larger);
}

TEST_CASE("nothing passes a path that is down, and what was under way arrives") {
  PathSettings settings;
  settings.delay = 5ms;
  PathModel path(settings, 1);
  CHECK(path.offer(kBytes, true, 0s).arrival == 5ms);
  settings.down = true;
  path.change(settings);
  CHECK(path.offer(kBytes, true, 1ms).drop == Drop::down);
  settings.down = false;
  settings.delay = 0ms;
  path.change(settings);
  CHECK(path.offer(kBytes, true, 2ms).arrival == 5ms);  // it does not overtake
}

}  // namespace
}  // namespace tcpkit::lab
