#include "diag/scene.hpp"
#include "diag/told.hpp"
#include "support/catch.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

namespace {

Scene paced(std::uint64_t limit, std::uint64_t rate) {
  return healthy_connection()
      .option("SO_MAX_PACING_RATE", Value(limit))
      .info("busy_time", 1'000'000)
      .info("bytes_acked", rate);
}

/// A timeout of 200 ms and one that the round trip asks for: rtt + 4 * rttvar.
Scene timed_out(std::uint64_t rttvar_us) {
  return healthy_connection()
      .peer(far_peer())
      .info("total_rto", 3)
      .info("bytes_retrans", 4'344)
      .info("busy_time", 61'199'999)
      .info("rto", 204'000)
      .info("rtt", 2'000)
      .info("rttvar", rttvar_us);
}

/// Idle for this long, at a timeout of 230 ms.
Scene idle(std::uint64_t milliseconds) {
  return healthy_connection()
      .sysctl("net.ipv4.tcp_slow_start_after_idle", 1)
      .text("TCP_CONGESTION", "cubic")
      .info("last_data_sent", milliseconds)
      .info("rto", 230'000)
      .info("snd_cwnd", 160);
}

}  // namespace

namespace tcpkit::test {

std::vector<RuleCase> pace_cases() {
  return {
      {"F30", paced(2'000'000, 1'800'000), paced(2'000'000, 1'799'999)},
      {"F37", timed_out(24'999), timed_out(25'000)},
      {"F39", idle(231), idle(230)},
  };
}

}  // namespace tcpkit::test

TEST_CASE("a cap of the sending rate is told in bits, and by the flag that set it") {
  const Diagnosis diagnosis = paced(2'000'000, 1'950'000).diagnose();
  CHECK(found(diagnosis, "F30").severity == Severity::Warning);
  CHECK(says(found(diagnosis, "F30").why, "16.0 Mbit/s"));
  CHECK(says(found(diagnosis, "F30").remedy, "-o max-pacing-rate=unlimited"));
  CHECK(parse_setting("max-pacing-rate=unlimited"));
  Scene asked = paced(2'000'000, 1'950'000).ask("max-pacing-rate=2000000");
  CHECK(found(asked.diagnose(), "F30").severity == Severity::Note);
  CHECK(says(found(asked.diagnose(), "F30").remedy, "leave out -o max-pacing-rate=2000000"));
  asked.rest.expected.bandwidth_bps = 100'000'000;
  CHECK(found(asked.diagnose(), "F30").severity == Severity::Warning);
}

TEST_CASE("no cap is met by no limit, by little to send, nor by bursts below what is paced") {
  CHECK(finding(paced(UINT64_MAX, 1'950'000).diagnose(), "F30") == nullptr);
  CHECK(finding(paced(2'000'000, 1'950'000).info("busy_time", 100'000).diagnose(), "F30") == nullptr);
  CHECK(finding(paced(2'000'000, 1'950'000).info("delivery_rate_app_limited", 1).diagnose(), "F30") == nullptr);
  CHECK(finding(paced(2'000'000, 3'000'001).diagnose(), "F30") == nullptr);
}

TEST_CASE("a floor of the timeout is told where timeouts happened, with the ways to lower it") {
  const Diagnosis diagnosis = timed_out(500).diagnose();
  CHECK(says(found(diagnosis, "F37").why, "3 retransmission timeouts took 204 ms each or more"));
  CHECK(says(found(diagnosis, "F37").why, "asks for 4 ms"));
  CHECK(says(found(diagnosis, "F37").remedy, "sysctl -w net.ipv4.tcp_rto_min_us=50000"));
  CHECK(says(found(diagnosis, "F37").remedy, "rto_min 50ms"));
  CHECK_FALSE(says(found(diagnosis, "F37").remedy, "-o rto-min-us"));
  const Diagnosis newer = timed_out(500).option("TCP_RTO_MIN_US", 200'000).diagnose();
  CHECK(says(found(newer, "F37").remedy, "-o rto-min-us=50ms"));
  CHECK(parse_setting("rto-min-us=50ms"));
}

TEST_CASE("no timeout, one of the handshake, a long path or a floor lowered already is no finding") {
  CHECK(finding(timed_out(500).before("total_rto", 3).before("bytes_retrans", 0).diagnose(), "F37") == nullptr);
  CHECK(finding(timed_out(500).info("bytes_retrans", 0).diagnose(), "F37") == nullptr);
  CHECK(finding(timed_out(500).info("rtt", 5'000).diagnose(), "F37") == nullptr);
  CHECK(finding(timed_out(500).info("rto", 52'000).diagnose(), "F37") == nullptr);
}

TEST_CASE("timeouts that took next to nothing of the time are a note, and so are those of loopback") {
  CHECK(found(timed_out(500).diagnose(), "F37").severity == Severity::Warning);
  CHECK(found(timed_out(500).info("busy_time", 61'200'000).diagnose(), "F37").severity == Severity::Note);
  const Diagnosis here = timed_out(500).peer(Endpoint::ipv4_loopback(80)).diagnose();
  CHECK(found(here, "F37").severity == Severity::Note);
}

TEST_CASE("a timeout that backed off is judged without that") {
  const Diagnosis diagnosis = timed_out(500).info("rto", 816'000).info("backoff", 2).diagnose();
  CHECK(says(found(diagnosis, "F37").why, "204 ms each or more"));
  CHECK(finding(timed_out(500).info("rto", 208'000).info("backoff", 2).diagnose(), "F37") == nullptr);
}

TEST_CASE("a pause halves the window for each timeout that it lasts") {
  const Diagnosis once = idle(231).diagnose();
  CHECK(found(once, "F39").severity == Severity::Note);
  CHECK(says(found(once, "F39").why, "80 segments in place of 160, and takes 30 ms"));
  const Diagnosis twice = idle(461).diagnose();
  CHECK(says(found(twice, "F39").why, "40 segments in place of 160, and takes 60 ms"));
  const Diagnosis long_since = idle(3'600'000).diagnose();
  CHECK(says(found(long_since, "F39").why, "10 segments in place of 160, and takes 120 ms"));
}

TEST_CASE("a pause costs nothing with bbr, with data in flight, over a short path or at the window of the start") {
  CHECK(finding(idle(5'000).text("TCP_CONGESTION", "bbr").diagnose(), "F39") == nullptr);
  CHECK(finding(idle(5'000).info("unacked", 1).diagnose(), "F39") == nullptr);
  CHECK(finding(idle(5'000).info("rtt", 20).diagnose(), "F39") == nullptr);
  CHECK(finding(idle(5'000).info("snd_cwnd", 10).diagnose(), "F39") == nullptr);
  CHECK(finding(idle(5'000).sysctl("net.ipv4.tcp_slow_start_after_idle", 0).diagnose(), "F39") == nullptr);
}
