#include <array>
#include <string>
#include <string_view>

#include <tcpkit/base/spelling.hpp>

#include "support/catch.hpp"

using namespace tcpkit;
using namespace std::string_view_literals;

namespace {

constexpr std::array kNames = {"nodelay"sv, "keepidle"sv, "keepintvl"sv, "user-timeout"sv, "rcvbuf"sv, "sndbuf"sv};

}  // namespace

TEST_CASE("a near miss finds the name that was meant") {
  CHECK(nearest("nodely", kNames) == "nodelay");    // missing
  CHECK(nearest("noddelay", kNames) == "nodelay");  // doubled
  CHECK(nearest("nodelya", kNames) == "nodelay");   // swapped
  CHECK(nearest("modelay", kNames) == "nodelay");   // wrong
  CHECK(nearest("usertimout", kNames) == "user-timeout");
}

TEST_CASE("case, dashes and underscores are no differences") {
  CHECK(nearest("USER_TIMEOUT", kNames) == "user-timeout");
  CHECK(nearest("no-delay", kNames) == "nodelay");
  CHECK(nearest("Rcv-Buf", kNames) == "rcvbuf");
}

TEST_CASE("what differs in more than a third of its letters is not suggested") {
  CHECK(nearest("keepidxy", kNames) == "keepidle");  // 2 of 8
  CHECK(nearest("keepzxyw", kNames).empty());        // 4 of 8
  CHECK(nearest("sixbuf", kNames) == "sndbuf");      // 2 of 6
  CHECK(nearest("xyzbuf", kNames).empty());          // 3 of 6
  CHECK(nearest("", kNames).empty());
  CHECK(nearest("-_-", kNames).empty());
}

TEST_CASE("short texts may still have one difference") {
  constexpr std::array kShort = {"mss"sv, "tos"sv};
  CHECK(nearest("ms", kShort) == "mss");
  CHECK(nearest("tso", kShort) == "tos");
  CHECK(nearest("m", kShort).empty());
}

TEST_CASE("of equally near names the first one wins") {
  constexpr std::array kTwins = {"cat"sv, "bat"sv};
  constexpr std::array kReversed = {"bat"sv, "cat"sv};
  CHECK(nearest("hat", kTwins) == "cat");
  CHECK(nearest("hat", kReversed) == "bat");
}

TEST_CASE("a nearer name beats an earlier one") {
  constexpr std::array kBoth = {"keepidle"sv, "keepidly"sv};
  CHECK(nearest("keepidly", kBoth) == "keepidly");
}

TEST_CASE("texts longer than any name get no suggestion") {
  const std::string at_limit(64, 'a');
  const std::string beyond(65, 'a');
  const std::array<std::string_view, 1> candidates = {at_limit};
  const std::array<std::string_view, 1> too_long = {beyond};
  CHECK(nearest(at_limit, candidates) == at_limit);
  CHECK(nearest(beyond, candidates).empty());
  CHECK(nearest(at_limit, too_long).empty());
  CHECK(nearest(std::string(1 << 20, 'a'), candidates).empty());
}

TEST_CASE("without candidates there is no suggestion") {
  CHECK(nearest("nodelay", {}).empty());
}
