#include "diag/scene.hpp"

#include <tcpkit/sock/limits.hpp>

#include "support/catch.hpp"

using namespace tcpkit;
using namespace tcpkit::test;
using std::chrono::seconds;

namespace {

Scene closed_window(std::uint64_t notsent) {
  return healthy_connection()
      .option("TCP_USER_TIMEOUT", 20'000)
      .info("snd_wnd", 0)
      .info("notsent_bytes", notsent)
      .info("last_data_sent", 200);
}

Scene retries2(int number) {
  return healthy_connection().sysctl("net.ipv4.tcp_retries2", number);
}

Scene detect_within(Scene scene, Milliseconds limit) {
  scene.rest.expected.detect_within = limit;
  return scene;
}

/// One retransmission beside the four of tcp_syn_linear_timeouts: 3 s. By default: 131 s.
Scene connect_within(Milliseconds limit, int retries = 6) {
  Scene scene = healthy_connection().option("TCP_SYNCNT", retries);
  scene.rest.expected.connect_within = limit;
  return scene;
}

}  // namespace

namespace tcpkit::test {

std::vector<RuleCase> death_cases() {
  return {
      {"F17", closed_window(1), closed_window(0)},
      {"F18", retries2(10), retries2(9)},
      {"F19", connect_within(Milliseconds(130'999)), connect_within(Milliseconds(131'000))},
  };
}

}  // namespace tcpkit::test

TEST_CASE("a slow reader is in danger only with a user timeout and a closed window") {
  const Finding one = found(closed_window(1'048'576).ask("user-timeout=20s"), "F17");
  CHECK(one.why.starts_with("1 MiB wait"));
  CHECK(one.remedy.find("-o user-timeout=0 in place of -o user-timeout=20s") != std::string::npos);
  CHECK_FALSE(finds(closed_window(1).option("TCP_USER_TIMEOUT", 0), "F17"));
  CHECK_FALSE(finds(closed_window(1).info("snd_wnd", 1), "F17"));
  CHECK_FALSE(finds(closed_window(1).info("last_data_sent", 199), "F17"));
}

TEST_CASE("the quarter of an hour that data waits by default is a note") {
  const Finding one = found(healthy_connection(), "F18");
  CHECK(one.severity == Severity::Note);
  CHECK(one.why.find("16 min") != std::string::npos);
  CHECK(one.remedy == "-o user-timeout=100s, or for all connections sysctl -w net.ipv4.tcp_retries2=8");
  CHECK_FALSE(finds(healthy_connection().option("TCP_USER_TIMEOUT", 1'000'000), "F18"));
}

TEST_CASE("a kernel that may cap the timeout lower is believed") {
  // 15 retransmissions at most 1 s apart are over in half a minute.
  CHECK_FALSE(finds(healthy_connection().option("TCP_RTO_MAX_MS", 1000), "F18"));
}

TEST_CASE("data that waits longer than the user wants is a warning, and the remedy leaves time to send it twice") {
  const Finding one = found(detect_within(healthy_connection(), seconds(30)), "F18");
  CHECK(one.severity == Severity::Warning);
  CHECK(one.why.find("within 30 s (--detect-within)") != std::string::npos);
  CHECK(one.remedy == "-o user-timeout=26206ms");  // eight ninths of 30 s, less twice an RTO of 230 ms
  CHECK_FALSE(finds(detect_within(healthy_connection().option("TCP_USER_TIMEOUT", 29'540), seconds(30)), "F18"));
}

TEST_CASE("a user timeout of the user's own is judged by what the user wants") {
  const Finding one =
      found(detect_within(healthy_connection().option("TCP_USER_TIMEOUT", 60'000).ask("user-timeout=1m"), seconds(30)),
            "F18");
  CHECK(one.remedy == "-o user-timeout=26206ms in place of -o user-timeout=1m");
}

TEST_CASE("no option notices a dead peer before data was sent twice") {
  CHECK(
      found(detect_within(healthy_connection(), Milliseconds(460)), "F18").remedy.starts_with("have the application"));
}

TEST_CASE("the remedy for a long connect is the most SYNs that the limit has time for") {
  const Finding one = found(connect_within(seconds(10)), "F19");
  CHECK(one.remedy == "-o syncnt=2");
  CHECK(one.why.find("within 10 s (--connect-within)") != std::string::npos);
  CHECK_FALSE(finds(connect_within(seconds(10), 2), "F19"));
  CHECK(found(connect_within(seconds(10), 3), "F19").remedy == "-o syncnt=2");
  CHECK(found(connect_within(seconds(10)).ask("syncnt=6"), "F19").remedy == "-o syncnt=2 in place of -o syncnt=6");
}

TEST_CASE("a limit too short for one SYN more is kept by the user timeout, one below a second by the program") {
  const Finding one = found(connect_within(seconds(2)), "F19");
  CHECK(one.remedy == "-o user-timeout=2s, which counts for sent data, too");
  CHECK_FALSE(finds(connect_within(seconds(2)).option("TCP_USER_TIMEOUT", 2000), "F19"));
  CHECK(found(connect_within(Milliseconds(999)), "F19").remedy.starts_with("connect without blocking"));
}

TEST_CASE("a kernel before linear timeouts connects for 127 seconds") {
  Scene old = connect_within(seconds(127));
  old.remove({.kind = InputKind::Sysctl, .name = "net.ipv4.tcp_syn_linear_timeouts"});
  CHECK_FALSE(finds(old, "F19"));
  CHECK(finds(connect_within(seconds(127)), "F19"));
}
