#include "lab/settings.hpp"

#include "lab/control.hpp"
#include "support/catch.hpp"

namespace tcpkit::lab {
namespace {

using namespace std::chrono_literals;

/// The settings after these lines, each of which must be right.
LabSettings settings_of(std::initializer_list<std::string_view> lines) {
  LabSettings settings;
  for (const std::string_view line : lines) {
    INFO(line);
    const Result<void> done = change_setting(settings, line);
    if (!done) FAIL(describe(done.error()));
  }
  return settings;
}

TEST_CASE("one value is for both directions, and two are for one each") {
  const LabSettings settings = settings_of({"delay 25ms", "rate 100M/8K", "loss 0%/100%"});
  CHECK(settings.out.delay == 25ms);
  CHECK(settings.back.delay == 25ms);
  CHECK(settings.out.bits_per_second == 100'000'000);
  CHECK(settings.back.bits_per_second == 8'000);
  CHECK(settings.out.loss == 0);
  CHECK(settings.back.loss == kCertain);
}

TEST_CASE("a queue is given in packets or in bytes") {
  const LabSettings settings = settings_of({"queue 100p/256K"});
  CHECK(settings.out.queue.amount == 100);
  CHECK(settings.out.queue.in_packets);
  CHECK(settings.back.queue.amount == 256 * 1024);
  CHECK_FALSE(settings.back.queue.in_packets);
}

TEST_CASE("a list of packets is for the way out unless there is another") {
  LabSettings settings = settings_of({"lose 3,1"});
  CHECK(settings.out.lose.numbers == std::set<std::uint64_t>{1, 3});
  CHECK(settings.back.lose.numbers.empty());
  settings = settings_of({"lose none/2"});
  CHECK(settings.out.lose.numbers.empty());
  CHECK(settings.back.lose.numbers == std::set<std::uint64_t>{2});
}

TEST_CASE("a limit can be taken away again") {
  const LabSettings settings = settings_of({"rate 1M", "rate none", "drop-larger 1400", "drop-larger none",
                                            "forget-idle 5s", "forget-idle 0", "down", "up"});
  CHECK(settings.out.bits_per_second == 0);
  CHECK(settings.out.drop_larger == UINT64_MAX);
  CHECK(settings.forget_idle == 0s);
  CHECK_FALSE(settings.out.down);
}

TEST_CASE("a share is read to one in a million") {
  const auto [text, parts] = GENERATE(table<const char*, std::uint32_t>({{"0%", 0},
                                                                         {"1%", 10'000},
                                                                         {"0.1%", 1'000},
                                                                         {"0.05%", 500},
                                                                         {"0.0001%", 1},
                                                                         {"12.5%", 125'000},
                                                                         {"100%", kCertain},
                                                                         {"100.0%", kCertain}}));
  INFO(text);
  const Result<std::uint32_t> share = parse_percent(text);
  REQUIRE(share);
  CHECK(*share == parts);
}

TEST_CASE("what is no share is refused") {
  const auto* const text = GENERATE("", "%", "1", "0.01", "101%", "100.1%", "-1%", "+1%", ".5%", "1.%", "1.00001%",
                                    "1.-5%", "1. 5%", "01%", "1e1%", "1,5%", "1%%");
  INFO(text);
  CHECK_FALSE(parse_percent(text));
}

TEST_CASE("a wrong line changes nothing and names what was wrong") {
  const auto* const line = GENERATE("", "delay", "delay 5", "delay 5ms 6ms", "delay 5ms/", "rate 0", "queue 0",
                                    "queue 0p", "lose 0", "lose 1,,2", "lose", "down now", "dely 5ms", "--delay 5ms");
  INFO(line);
  LabSettings settings;
  const Result<void> done = change_setting(settings, line);
  REQUIRE_FALSE(done);
  CHECK_FALSE(done.error().doing.empty());
  CHECK(settings.out.delay == 0s);
  CHECK(settings.back.delay == 0s);
}

TEST_CASE("lines are whole however their bytes come") {
  Lines lines;
  lines.add("del");
  CHECK_FALSE(lines.next());
  lines.add("ay 5ms\nup\ndo");
  CHECK(lines.next() == "delay 5ms");
  CHECK(lines.next() == "up");
  CHECK_FALSE(lines.next());
}

}  // namespace
}  // namespace tcpkit::lab
