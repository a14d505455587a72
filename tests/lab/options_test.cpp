#include "lab/options.hpp"

#include "support/catch.hpp"

namespace tcpkit::lab {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string_view>;

TEST_CASE("path options are read in both spellings, up to the command") {
  const Result<Options> options =
      parse_options(Words{"--delay", "25ms", "--rate=100M", "--mtu", "9000", "--keep-metrics", "--", "cat", "--mtu"});
  REQUIRE(options);
  CHECK(options->settings.out.delay == 25ms);
  CHECK(options->settings.back.bits_per_second == 100'000'000);
  CHECK(options->mtu == 9000);
  CHECK(options->keep_metrics);
  CHECK(options->command == std::vector<std::string>{"cat", "--mtu"});
}

TEST_CASE("path options that are wrong are refused with a reason") {
  const auto [words, reason] = GENERATE(table<Words, const char*>({
      {{"--dely", "5ms"}, "did you mean --delay?"},
      {{"--delay"}, "--delay needs a value"},
      {{"--delay", "5"}, "--delay: \"5\" is not a duration"},
      {{"--down=1"}, "--down takes no value"},
      {{"--mtu", "67"}, "--mtu: \"67\" is not a whole number from 68"},
      {{"cat"}, "a command comes after --"},
      {{"--"}, "no command after --"},
  }));
  const Result<Options> options = parse_options(words);
  REQUIRE_FALSE(options);
  INFO(options.error().doing);
  CHECK(options.error().doing.find(reason) != std::string::npos);
}

TEST_CASE("the help of the path has a line for every setting") {
  for (const Setting& setting : path_settings()) {
    CHECK(help_text().find("--" + std::string(setting.name)) != std::string::npos);
  }
}

}  // namespace
}  // namespace tcpkit::lab
