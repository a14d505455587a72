#include "diag/keepalive_plan.hpp"

#include "diag/scene.hpp"
#include "support/catch.hpp"

using namespace tcpkit;
using namespace tcpkit::test;
using std::chrono::seconds;

namespace {

constexpr std::string_view kConntrack = "net.netfilter.nf_conntrack_tcp_timeout_established";

Scene keepalive(int idle_s, int interval_s = 75, int probes = 9) {
  return healthy_connection()
      .option("SO_KEEPALIVE", 1)
      .option("TCP_KEEPIDLE", idle_s)
      .option("TCP_KEEPINTVL", interval_s)
      .option("TCP_KEEPCNT", probes);
}

Scene idle_limit(Scene scene, seconds limit) {
  scene.rest.expected.idle_limit = limit;
  return scene;
}

Scene detect_within(Scene scene, Milliseconds limit) {
  scene.rest.expected.detect_within = limit;
  return scene;
}

}  // namespace

namespace tcpkit::test {

std::vector<RuleCase> keepalive_cases() {
  return {
      {"F12", healthy_connection(), keepalive(60)},
      {"F13", idle_limit(keepalive(300), seconds(300)), idle_limit(keepalive(299), seconds(300))},
      {"F14", keepalive(7200), keepalive(7199)},
      // 2 + 9 * 1 = 11 s, and one interval of 1 s
      {"F15", keepalive(2, 1, 9).option("TCP_USER_TIMEOUT", 9'999),
       keepalive(2, 1, 9).option("TCP_USER_TIMEOUT", 10'000)},
      {"F16", healthy_connection().option("TCP_USER_TIMEOUT", 1), healthy_connection()},
  };
}

}  // namespace tcpkit::test

TEST_CASE("an idle connection without keepalive is a note with options to paste") {
  const Finding one = found(healthy_connection(), "F12");
  CHECK(one.severity == Severity::Note);
  CHECK(one.remedy == "-o keepalive -o keepidle=175s: an idle dead peer is then noticed after 14 min 10 s");
}

TEST_CASE("in inspect the options to paste are one command") {
  Scene scene = healthy_connection();
  scene.rest.set_with = "tcpkit inspect --pid 812 --set ";
  CHECK(found(scene, "F12").remedy.starts_with("tcpkit inspect --pid 812 --set keepalive --set keepidle=175s: "));
}

TEST_CASE("a dead peer that is noticed later than the user wants is a warning that names the limit") {
  const Finding never = found(detect_within(healthy_connection(), seconds(30)), "F12");
  CHECK(never.severity == Severity::Warning);
  CHECK(never.why ==
        "A dead peer must be noticed within 30 s (--detect-within): while the connection is idle it never is.");
  CHECK(never.remedy == "-o keepalive -o keepidle=15s -o keepintvl=5s -o keepcnt=3");

  const Finding late = found(detect_within(keepalive(60, 10, 3), seconds(30)), "F14");
  CHECK(late.severity == Severity::Warning);
  CHECK(late.why.find("it takes 90 s") != std::string::npos);
  CHECK_FALSE(finds(detect_within(keepalive(60, 10, 3), seconds(90)), "F14"));
  CHECK_FALSE(finds(detect_within(keepalive(7200), seconds(8000)), "F14"));

  const Finding alone =
      found(detect_within(healthy_connection().option("TCP_USER_TIMEOUT", 60'000), seconds(30)), "F16");
  CHECK(alone.severity == Severity::Warning);
  CHECK(alone.remedy.ends_with("-o keepcnt=3 -o user-timeout=30s"));
}

TEST_CASE("a remedy names the flags that it takes the place of, not those that stay") {
  const Finding one = found(detect_within(keepalive(3600).ask("keepidle=1h").ask("keepalive"), seconds(30)), "F14");
  CHECK(one.remedy == "-o keepidle=15s -o keepintvl=5s -o keepcnt=3 in place of -o keepidle=1h");
}

TEST_CASE("no keepalive on a path that forgets is said once, as a warning") {
  const Scene scene = idle_limit(healthy_connection(), seconds(350));
  const Finding one = found(scene, "F13");
  CHECK(one.severity == Severity::Warning);
  CHECK(one.why.find("5 min 50 s (--idle-limit)") != std::string::npos);
  CHECK(one.remedy == "-o keepalive -o keepidle=175s");
  CHECK_FALSE(finds(scene, "F12"));
  CHECK(finds(detect_within(scene, seconds(30)), "F12"));
}

TEST_CASE("without the user's word the limit is that of connection tracking, else that of known load balancers") {
  CHECK(found(keepalive(350), "F13").severity == Severity::Note);
  CHECK_FALSE(finds(keepalive(349), "F13"));
  CHECK_FALSE(finds(keepalive(7200).sysctl(kConntrack, 432'000), "F13"));
  const Finding tracked = found(keepalive(7200).sysctl(kConntrack, 3600), "F13");
  CHECK(tracked.severity == Severity::Warning);
  CHECK(tracked.remedy == "-o keepidle=1800s");
  CHECK_FALSE(finds(idle_limit(keepalive(300).sysctl(kConntrack, 200), seconds(301)), "F13"));
}

TEST_CASE("probes that follow too late refresh nothing, however early the first one is") {
  const Finding one = found(idle_limit(keepalive(100, 300).ask("keepidle=100s"), seconds(300)), "F13");
  CHECK(one.why.find("but each one after it only 5 min later, answered or not (TCP_KEEPINTVL)") != std::string::npos);
  CHECK(one.remedy == "-o keepidle=150s -o keepintvl=150s in place of -o keepidle=100s");
  CHECK_FALSE(finds(idle_limit(keepalive(100, 299), seconds(300)), "F13"));
  CHECK(found(idle_limit(healthy_connection(), seconds(20)), "F13").remedy ==
        "-o keepalive -o keepidle=10s -o keepintvl=10s");
}

TEST_CASE("keepalive cannot refresh what is forgotten within a second") {
  CHECK(found(idle_limit(keepalive(1), seconds(1)), "F13").remedy.starts_with("have the application send"));
  CHECK(found(detect_within(keepalive(1), Milliseconds(1999)), "F14").remedy.starts_with("have the application ask"));
}

TEST_CASE("a user timeout that overrules keepalive is told with both times and both cures") {
  const Finding one = found(keepalive(60, 10, 3).option("TCP_USER_TIMEOUT", 200'000), "F15");
  CHECK(one.why.find("ends after 3 min 20 s, not after the 90 s") != std::string::npos);
  CHECK(one.remedy == "-o user-timeout=90s, or -o keepidle=101s -o keepintvl=33s -o keepcnt=3");
}

TEST_CASE("a user timeout that overrules only the default number of probes is a note, if it is the sooner") {
  const auto with_count = [](int count, int user_timeout_ms) {
    return keepalive(60, 75, count).option("TCP_USER_TIMEOUT", user_timeout_ms);
  };
  CHECK(found(with_count(9, 30'000), "F15").severity == Severity::Note);
  CHECK(found(with_count(9, 30'000).ask("keepcnt=9"), "F15").severity == Severity::Warning);
  CHECK(found(with_count(8, 30'000), "F15").severity == Severity::Warning);
  CHECK(found(with_count(9, 3'600'000), "F15").severity == Severity::Warning);
  CHECK(found(with_count(9, 30'000).sysctl("net.ipv4.tcp_keepalive_probes", 3), "F15").severity == Severity::Warning);
}

TEST_CASE("a user timeout far from the keepalive options is no matter where nothing comes of it") {
  // The second probe ends it either way: one must have gone unanswered.
  CHECK_FALSE(finds(keepalive(7200, 75, 1).option("TCP_USER_TIMEOUT", 20'000), "F15"));
}

TEST_CASE("planned keepalive timers keep their promise, in the kernel's ranges") {
  CHECK_FALSE(keepalive_within(Milliseconds(1999)));
  CHECK_FALSE(keepidle_below(seconds(1)));
  for (std::int64_t limit = 2; limit < 400'000; limit += 1 + limit / 7) {
    INFO(limit);
    const KeepaliveTimers timers = keepalive_within(seconds(limit)).value();
    CHECK(dead_peer_idle(timers) <= seconds(limit));
    CHECK((timers.idle >= seconds(1) && timers.idle <= seconds(32767)));
    CHECK((timers.interval >= seconds(1) && timers.interval <= seconds(32767)));
    CHECK(keepidle_below(seconds(limit)).value() < seconds(limit));
  }
}
