#include "diag/scene.hpp"
#include "diag/told.hpp"
#include "support/catch.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

namespace {

/// Over a path of 1 ms.
Scene asked_in_two_writes(std::uint64_t median_us) {
  Scene scene = healthy_connection().option("TCP_NODELAY", 0).option("TCP_CORK", 0).info("min_rtt", 1'000);
  scene.rest.requests = RequestTimes{.requests = 100, .median_us = median_us, .in_two_writes = true};
  return scene;
}

Scene quickack(std::string_view setting, int now) {
  return healthy_connection().ask(setting).option("TCP_QUICKACK", now);
}

Scene corked(std::uint64_t silent_ms) {
  return healthy_connection()
      .option("TCP_CORK", 1)
      .option("TCP_NODELAY", 0)
      .info("notsent_bytes", 100)
      .info("snd_mss", 1'448)
      .info("last_data_sent", silent_ms);
}

}  // namespace

namespace tcpkit::test {

std::vector<RuleCase> delay_cases() {
  return {
      {"F08", asked_in_two_writes(40'000), asked_in_two_writes(39'999)},
      {"F09", quickack("quickack", 0), quickack("quickack", 1)},
      {"F10", corked(201), corked(200)},
      {"F11", corked(0).option("TCP_NODELAY", 1), corked(0)},
  };
}

}  // namespace tcpkit::test

TEST_CASE("a write-write-read stall is told with its numbers, and mended at the writer") {
  const Diagnosis diagnosis = asked_in_two_writes(46'000).diagnose();
  CHECK(says(found(diagnosis, "F08").why, "Requests take 46 ms, at a round trip of 1 ms"));
  CHECK(says(found(diagnosis, "F08").remedy, "writev(2)"));
  CHECK(says(found(diagnosis, "F08").remedy, "-o nodelay here, at the writer"));
}

TEST_CASE("what is no stall of Nagle's algorithm is not called one") {
  CHECK(finding(asked_in_two_writes(62'000).diagnose(), "F08") == nullptr);
  CHECK(finding(asked_in_two_writes(46'000).option("TCP_NODELAY", 1).diagnose(), "F08") == nullptr);
  CHECK(finding(asked_in_two_writes(46'000).option("TCP_CORK", 1).diagnose(), "F08") == nullptr);
  CHECK(finding(asked_in_two_writes(140'000).info("min_rtt", 50'000).diagnose(), "F08") == nullptr);
  Scene whole = asked_in_two_writes(46'000);
  whole.rest.requests->in_two_writes = false;
  CHECK(finding(whole.diagnose(), "F08") == nullptr);
  Scene few = asked_in_two_writes(46'000);
  few.rest.requests->requests = 19;
  CHECK(finding(few.diagnose(), "F08") == nullptr);
}

TEST_CASE("over loopback the counter of delayed ACKs has the last word") {
  CHECK(finding(asked_in_two_writes(46'000).counter("DelayedACKs", 50).diagnose(), "F08") != nullptr);
  CHECK(finding(asked_in_two_writes(46'000).counter("DelayedACKs", 49).diagnose(), "F08") == nullptr);
}

TEST_CASE("quick ACKs that ended are to be asked for always") {
  const Diagnosis diagnosis = quickack("quickack=on", 0).diagnose();
  CHECK(says(found(diagnosis, "F09").remedy, "-o quickack=always in place of -o quickack=on"));
  CHECK_FALSE(says(found(diagnosis, "F09").remedy, "delack-max-us"));
  const Diagnosis newer = quickack("quickack=on", 0).option("TCP_DELACK_MAX_US", 200'000).diagnose();
  CHECK(says(found(newer, "F09").remedy, "-o delack-max-us=20ms"));
  CHECK(parse_setting("delack-max-us=20ms"));
  CHECK(finding(quickack("quickack=always", 0).diagnose(), "F09") == nullptr);
  CHECK(finding(quickack("quickack=off", 0).diagnose(), "F09") == nullptr);
}

TEST_CASE("a cork of tcpkit's own stays in, one of a program may be about to go") {
  const Diagnosis ours = corked(900).ask("cork").diagnose();
  CHECK(found(ours, "F10").severity == Severity::Warning);
  CHECK(says(found(ours, "F10").remedy, "leave out -o cork"));
  Scene foreign = corked(900);
  foreign.rest.set_with = "tcpkit inspect --pid 812 --set ";
  const Diagnosis theirs = foreign.diagnose();
  CHECK(found(theirs, "F10").severity == Severity::Note);
  CHECK(says(found(theirs, "F10").remedy, "tcpkit inspect --pid 812 --set cork=off"));
  CHECK(parse_setting("cork=off"));
}

TEST_CASE("a cork is not blamed for what waits for something else") {
  CHECK(finding(corked(900).info("unacked", 1).diagnose(), "F10") == nullptr);
  CHECK(finding(corked(900).info("notsent_bytes", 0).diagnose(), "F10") == nullptr);
  CHECK(finding(corked(900).info("notsent_bytes", 1'448).diagnose(), "F10") == nullptr);
  CHECK(finding(corked(900).option("TCP_CORK", 0).diagnose(), "F10") == nullptr);
}

TEST_CASE("a cork and nodelay together name the flag to leave out") {
  const Diagnosis diagnosis = corked(0).option("TCP_NODELAY", 1).ask("cork").ask("nodelay").diagnose();
  CHECK(found(diagnosis, "F11").severity == Severity::Note);
  CHECK(says(found(diagnosis, "F11").remedy, "leave out -o cork"));
}
