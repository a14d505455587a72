#include "diag/scene.hpp"
#include "diag/told.hpp"
#include "support/catch.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

namespace {

Scene enlarged_to(int rcvbuf) {
  return healthy_connection().option("SO_RCVBUF", rcvbuf).info("rcv_wscale", 1);
}

Scene unscaled(std::uint64_t rtt_us) {
  return healthy_connection().info("options", kTimestampsOn | kSackOn).info("min_rtt", rtt_us);
}

/// A second of sending over 50 ms, at a window that carries 1.31 MB/s.
Scene waited_us(std::uint64_t limited, std::uint64_t acked = 1'200'000) {
  return healthy_connection()
      .info("busy_time", 1'000'000)
      .info("rwnd_limited", limited)
      .info("snd_wnd", 65'535)
      .info("bytes_acked", acked)
      .info("min_rtt", 50'000);
}

}  // namespace

namespace tcpkit::test {

std::vector<RuleCase> window_cases() {
  return {
      {"F03", enlarged_to(262'146), enlarged_to(262'144)},
      {"F04", unscaled(20'000), unscaled(20'000).info("options", kScalingOn)},
      {"F05", waited_us(200'001), waited_us(200'000)},
  };
}

}  // namespace tcpkit::test

TEST_CASE("a window scale too small is told with the window it ends at, and what that carries") {
  const Diagnosis diagnosis = enlarged_to(8'388'608).diagnose();
  const Finding& told = found(diagnosis, "F03");
  CHECK(says(told.why, "128 KiB"));
  CHECK(says(told.why, "at a round trip of 20 ms"));
  CHECK(says(told.remedy, "before connect(2)"));
}

TEST_CASE("a window scale made small by a clamp names the clamp") {
  const Diagnosis diagnosis = enlarged_to(8'388'608).ask("window-clamp=20000").diagnose();
  CHECK(says(found(diagnosis, "F03").remedy, "-o window-clamp=20000"));
}

TEST_CASE("a buffer as the SYN saw it has the scale it needs") {
  for (const int scale : {0, 1, 4, 7, 10}) {
    const int largest = (131'072 << scale) - 2;
    INFO(scale);
    const Scene scene =
        healthy_connection().option("SO_RCVBUF", largest).info("rcv_wscale", static_cast<unsigned>(scale));
    CHECK(finding(Scene(scene).diagnose(), "F03") == nullptr);
  }
}

TEST_CASE("a window that is not scaled is a warning where it carries too little") {
  const Diagnosis slow = unscaled(5'243).diagnose();
  CHECK(found(slow, "F04").severity == Severity::Warning);
  CHECK(says(found(slow, "F04").why, "at a round trip of 5.24 ms"));
  const Diagnosis quick = unscaled(5'242).diagnose();
  CHECK(found(quick, "F04").severity == Severity::Note);
  Scene wanting = unscaled(5'242);
  wanting.rest.expected.bandwidth_bps = 1'000'000'000;
  CHECK(found(wanting.diagnose(), "F04").severity == Severity::Warning);
  Scene content = unscaled(50'000);
  content.rest.expected.bandwidth_bps = 10'000'000;
  CHECK(found(content.diagnose(), "F04").severity == Severity::Note);
}

TEST_CASE("a window is not missed before the handshake is over, nor where this host does not offer to scale") {
  constexpr std::uint64_t kSynSent = 2;
  CHECK(finding(unscaled(20'000).info("state", kSynSent).diagnose(), "F04") == nullptr);
  CHECK(finding(unscaled(20'000).sysctl("net.ipv4.tcp_window_scaling", 0).diagnose(), "F04") == nullptr);
}

TEST_CASE("a peer's window that explains the rate is a warning with the ceiling") {
  const Diagnosis diagnosis = waited_us(950'000).diagnose();
  const Finding& told = found(diagnosis, "F05");
  CHECK(told.severity == Severity::Warning);
  CHECK(says(told.why, "95 %"));
  CHECK(says(told.why, "10.5 Mbit/s at a round trip of 50 ms"));
  CHECK(says(told.remedy, "tcp_rmem"));
}

TEST_CASE("a peer that reads slowly is a note: its window could carry more") {
  const Diagnosis diagnosis = waited_us(950'000, 500'000).diagnose();
  CHECK(found(diagnosis, "F05").severity == Severity::Note);
  CHECK(says(found(diagnosis, "F05").remedy, "read faster"));
  const Diagnosis loopback = waited_us(950'000, 2'000'000'000).info("min_rtt", 20).diagnose();
  CHECK(found(loopback, "F05").severity == Severity::Note);
  const Diagnosis shut = waited_us(950'000).info("snd_wnd", 0).diagnose();
  CHECK(found(shut, "F05").severity == Severity::Note);
  CHECK(says(found(shut, "F05").why, "shut"));
}

TEST_CASE("a round trip that was never measured gives no ceiling") {
  const Diagnosis diagnosis = waited_us(950'000).info("min_rtt", 0xffffffff).info("rtt", 0).diagnose();
  for (const Evidence& seen : found(diagnosis, "F05").evidence) CHECK(seen.name != "ceiling");
}

TEST_CASE("the round trip that the user gives is believed") {
  Scene scene = waited_us(950'000, 65'535 * 9).info("min_rtt", 50);
  scene.rest.expected.rtt_us = 100'000;
  CHECK(found(scene.diagnose(), "F05").severity == Severity::Warning);
}
