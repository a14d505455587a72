#include "diag/scene.hpp"
#include "diag/told.hpp"
#include "support/catch.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

namespace {

constexpr int kSndbufPinned = 1;
constexpr int kRcvbufPinned = 2;

/// 64 KiB of window over 20 ms carry 26,214,400 bit/s.
Scene pinned() {
  return healthy_connection()
      .option("SO_BUF_LOCK", kRcvbufPinned)
      .option("SO_RCVBUF", 131'072)
      .info("rcv_ssthresh", 65'536);
}

Scene expecting(std::uint64_t bits_per_s) {
  Scene scene = pinned();
  scene.rest.expected.bandwidth_bps = bits_per_s;
  return scene;
}

Scene received(std::uint64_t bytes, std::chrono::milliseconds interval = std::chrono::milliseconds(1'000)) {
  Scene scene = pinned().info("bytes_received", bytes);
  scene.rest.interval = interval;
  return scene;
}

Scene clamped(std::string_view setting) {
  return healthy_connection().option("SO_RCVBUF", 425'984).ask(setting);
}

Scene wrote_into(int sndbuf, int lock, std::uint64_t limited_us) {
  return healthy_connection()
      .option("SO_SNDBUF", sndbuf)
      .option("SO_BUF_LOCK", lock)
      .info("busy_time", 1'000'000)
      .info("sndbuf_limited", limited_us);
}

Scene window_clamp(int lock) {
  return healthy_connection().ask("window-clamp=20000").option("TCP_WINDOW_CLAMP", 65'535).option("SO_BUF_LOCK", lock);
}

/// 10 segments in flight, 1 MB/s.
Scene unsent(std::uint64_t bytes) {
  return healthy_connection()
      .option("TCP_NOTSENT_LOWAT", 0)
      .info("notsent_bytes", bytes)
      .info("snd_cwnd", 10)
      .info("snd_mss", 1448)
      .info("busy_time", 1'000'000)
      .info("bytes_acked", 1'000'000);
}

}  // namespace

namespace tcpkit::test {

std::vector<RuleCase> buffer_cases() {
  return {
      {"F01", expecting(26'214'800), expecting(26'214'400)},
      {"F02", clamped("rcvbuf=212993"), clamped("rcvbuf=212992")},
      {"F06", wrote_into(131'072, kSndbufPinned, 50'001), wrote_into(131'072, kSndbufPinned, 50'000)},
      {"F07", window_clamp(0), window_clamp(kRcvbufPinned)},
      {"F40", unsent(100'001), unsent(100'000)},
  };
}

}  // namespace tcpkit::test

TEST_CASE("a pinned receive buffer is told with what it carries, what is needed and what autotuning reaches") {
  const Diagnosis diagnosis = expecting(1'000'000'000).ask("rcvbuf=64K").diagnose();
  const Finding& told = found(diagnosis, "F01");
  CHECK(says(told.why, "-o rcvbuf=64K switched autotuning off"));
  CHECK(says(told.why, "64 KiB carry 26.2 Mbit/s at a round trip of 20 ms, less than the 1.00 Gbit/s expected"));
  CHECK(says(told.remedy, "leave out -o rcvbuf=64K"));
  CHECK(says(told.remedy, "32 MiB, and 4.77 MiB are needed"));
}

TEST_CASE("a pinned receive buffer that was full while data arrived needs no expectation") {
  CHECK(finding(received(2'621'439).diagnose(), "F01") == nullptr);
  const Diagnosis diagnosis = received(2'621'440).diagnose();
  CHECK(says(found(diagnosis, "F01").why, "21.0 Mbit/s arrived, so it was full"));
}

TEST_CASE("a burst within a few round trips does not make a window full") {
  CHECK(finding(received(621'440, std::chrono::milliseconds(199)).diagnose(), "F01") == nullptr);
  CHECK(finding(received(621'440, std::chrono::milliseconds(200)).diagnose(), "F01") != nullptr);
}

TEST_CASE("over loopback a full window is the reader's") {
  CHECK(finding(received(4'000'000'000).info("min_rtt", 20).diagnose(), "F01") == nullptr);
}

TEST_CASE("a pinned buffer is no loss where autotuning is off or would end below it") {
  CHECK(finding(expecting(1'000'000'000).sysctl("net.ipv4.tcp_moderate_rcvbuf", 0).diagnose(), "F01") == nullptr);
  CHECK(finding(expecting(1'000'000'000).sysctl("net.ipv4.tcp_rmem", Numbers{4096, 65536, 131072}).diagnose(), "F01") ==
        nullptr);
  CHECK(finding(expecting(1'000'000'000).option("SO_BUF_LOCK", kSndbufPinned).diagnose(), "F01") == nullptr);
}

TEST_CASE("somebody else's pinned buffer can be set free, and the lock of the other one is kept") {
  Scene scene = expecting(1'000'000'000).option("SO_BUF_LOCK", kSndbufPinned | kRcvbufPinned);
  scene.rest.set_with = "tcpkit inspect --pid 812 --set ";
  const Diagnosis diagnosis = scene.diagnose();
  CHECK(says(found(diagnosis, "F01").remedy, "tcpkit inspect --pid 812 --set buf-lock=1"));
  CHECK(parse_setting("buf-lock=1"));
  CHECK(parse_setting("buf-lock=0"));
}

TEST_CASE("a kernel that does not tell who set a buffer need not tell it of ours") {
  const Diagnosis ours = expecting(1'000'000'000).unknown("SO_BUF_LOCK").ask("rcvbuf=64K").diagnose();
  CHECK(says(found(ours, "F01").remedy, "leave out -o rcvbuf=64K"));
  CHECK(finding(expecting(1'000'000'000).unknown("SO_BUF_LOCK").ask("sndbuf=64K").diagnose(), "F01") == nullptr);
  const Diagnosis explicitly = wrote_into(131'072, 0, 300'000).unknown("SO_BUF_LOCK").ask("sndbuf=64K").diagnose();
  CHECK(says(found(explicitly, "F06").why, "set explicitly"));

  const Diagnosis of_others = expecting(1'000'000'000).unknown("SO_BUF_LOCK").diagnose();
  CHECK(finding(of_others, "F01") == nullptr);
  REQUIRE(unchecked(of_others, "F01") != nullptr);
  CHECK(unchecked(of_others, "F01")->reason == "SO_BUF_LOCK: not known to this kernel");
}

TEST_CASE("more than autotuning reaches is told as such") {
  const Diagnosis diagnosis = expecting(100'000'000'000).diagnose();
  CHECK(says(found(diagnosis, "F01").remedy, "net.ipv4.tcp_rmem[2] is 32 MiB"));
}

TEST_CASE("a clamped receive buffer names the flag and a limit that would do") {
  const Diagnosis diagnosis = clamped("rcvbuf=16M").diagnose();
  CHECK(says(found(diagnosis, "F02").why, "-o rcvbuf=16M"));
  CHECK(says(found(diagnosis, "F02").remedy, "sysctl -w net.core.rmem_max=16777216"));
  CHECK(finding(clamped("rcvbuf=16M").option("SO_RCVBUF", 33'554'432).diagnose(), "F02") == nullptr);
}

TEST_CASE("an explicit send buffer is to be left out, one at its limit to be given more") {
  const Diagnosis explicitly = wrote_into(131'072, kSndbufPinned, 300'000).ask("sndbuf=64K").diagnose();
  CHECK(says(found(explicitly, "F06").why, "set explicitly"));
  CHECK(
      says(found(explicitly, "F06").remedy, "leave out -o sndbuf=64K: autotuning reaches net.ipv4.tcp_wmem[2], 4 MiB"));
  const Diagnosis at_limit = wrote_into(4'194'304, 0, 300'000).diagnose();
  CHECK(says(found(at_limit, "F06").remedy, "sysctl -w net.ipv4.tcp_wmem=\"4096 16384 8388608\""));
  const Diagnosis large = wrote_into(8'388'608, kSndbufPinned, 300'000).ask("sndbuf=4M").diagnose();
  CHECK(says(found(large, "F06").remedy, "leave out -o sndbuf=4M, and sysctl"));
  CHECK(says(found(large, "F06").remedy, "4096 16384 16777216"));
  Scene wanting = wrote_into(4'194'304, 0, 300'000);
  wanting.rest.expected.bandwidth_bps = 10'000'000'000;
  CHECK(says(found(wanting.diagnose(), "F06").remedy, "tcp_wmem=\"4096 16384 50000000\""));
}

TEST_CASE("a send buffer that tcpkit itself found full is told where the kernel's clock stood still") {
  const auto met_full = [](std::uint64_t rtt_us, std::uint64_t least_us, bool full) {
    Scene scene = wrote_into(131'072, kSndbufPinned, 0).ask("sndbuf=64K").info("rtt", rtt_us).info("min_rtt", least_us);
    scene.rest.writes_met_full_buffer = full;
    return scene;
  };
  const Diagnosis diagnosis = met_full(39'999, 20'000, true).diagnose();
  CHECK(says(found(diagnosis, "F06").why, "the program waited for room in it; it was set explicitly"));
  CHECK(finding(met_full(39'999, 20'000, false).diagnose(), "F06") == nullptr);
  CHECK(finding(met_full(40'000, 20'000, true).diagnose(), "F06") == nullptr);  // a queue: the path is the limit
  CHECK(finding(met_full(1'000, 999, true).diagnose(), "F06") == nullptr);
}

TEST_CASE("a send buffer that still grows limits nothing for long") {
  CHECK(finding(wrote_into(4'194'303, 0, 300'000).diagnose(), "F06") == nullptr);
}

TEST_CASE("a window clamp is to be a receive buffer of that size") {
  const Diagnosis diagnosis = window_clamp(0).diagnose();
  CHECK(says(found(diagnosis, "F07").remedy, "-o rcvbuf=20000 in place of -o window-clamp=20000"));
  CHECK(finding(healthy_connection().ask("nodelay").option("TCP_WINDOW_CLAMP", 65'535).diagnose(), "F07") == nullptr);
}

TEST_CASE("what waits unsent is told as the time that it takes to leave") {
  const Diagnosis diagnosis = unsent(2'500'000).diagnose();
  CHECK(found(diagnosis, "F40").severity == Severity::Note);
  CHECK(says(found(diagnosis, "F40").why, "leaves in 2.5 s"));
  CHECK(says(found(diagnosis, "F40").remedy, "-o notsent-lowat=128K"));
  CHECK(parse_setting("notsent-lowat=128K"));
}

TEST_CASE("a limit of what may wait, or a rate not known, is no finding") {
  CHECK(finding(unsent(2'500'000).option("TCP_NOTSENT_LOWAT", 131'072).diagnose(), "F40") == nullptr);
  CHECK(finding(unsent(2'500'000).sysctl("net.ipv4.tcp_notsent_lowat", 16'384).diagnose(), "F40") == nullptr);
  CHECK(finding(unsent(2'500'000).info("busy_time", 100'000).diagnose(), "F40") == nullptr);
  CHECK(finding(unsent(2'500'000).info("bytes_acked", 1'000'000'000).diagnose(), "F40") == nullptr);
}
