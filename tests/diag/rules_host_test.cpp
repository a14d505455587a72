#include "diag/scene.hpp"
#include "support/catch.hpp"

namespace tcpkit::test {
namespace {

/// 100 ports to choose from, and no way to use one again early.
Scene in_time_wait(std::uint64_t sockets) {
  Scene scene = healthy_connection();
  scene.sysctl("net.ipv4.ip_local_port_range", Numbers{40'000, 40'099}).sysctl("net.ipv4.tcp_tw_reuse", 0);
  scene.info("options", kTimestampsOn);
  scene.rest.time_wait_to_peer = sockets;
  return scene;
}

Scene holding_pages(std::uint64_t pages) {
  Scene scene = healthy_connection().sysctl("net.ipv4.tcp_mem", Numbers{1000, 2000, 3000});
  scene.rest.tcp_memory_pages = pages;
  return scene;
}

Structure memory(int waiting, int buffer) {
  return {{"rmem_alloc", waiting}, {"rcvbuf", buffer}, {"drops", 0}};
}

Scene stalled_reader(std::uint64_t milliseconds) {
  return healthy_connection()
      .option("SO_MEMINFO", memory(5328, 8192))
      .info("rcv_wnd", 0)
      .info("last_data_recv", milliseconds);
}

Scene measurement(int no_metrics_save) {
  Scene scene = healthy_connection().sysctl("net.ipv4.tcp_no_metrics_save", no_metrics_save);
  scene.rest.ours = true;
  scene.rest.requests = RequestTimes{100, 50, false};
  return scene;
}

}  // namespace

std::vector<RuleCase> host_cases() {
  return {
      {"F34", in_time_wait(81), in_time_wait(80)},
      {"F35", holding_pages(2001), holding_pages(2000)},
      {"F36", stalled_reader(200), stalled_reader(199)},
      {"F38", measurement(0), measurement(1)},
  };
}

TEST_CASE("ports in TIME_WAIT are an error when next to none are left, and a note where they are used again") {
  CHECK(found(in_time_wait(95), "F34").severity == Severity::Warning);
  CHECK(found(in_time_wait(96), "F34").severity == Severity::Error);
  const Finding reused = found(in_time_wait(96).sysctl("net.ipv4.tcp_tw_reuse", 2), "F34");
  CHECK(reused.severity == Severity::Note);
  CHECK(says(reused.why, "96 of 100 local ports"));
  CHECK(says(reused.why, "net.ipv4.tcp_tw_reuse = 2"));
  Scene no_timestamps = in_time_wait(96).sysctl("net.ipv4.tcp_tw_reuse", 1).info("options", 0);
  CHECK(found(no_timestamps, "F34").severity == Severity::Error);
}

TEST_CASE("ports in TIME_WAIT are found when the connection has ended, too") {
  Scene ended = in_time_wait(96).sysctl("net.ipv4.tcp_tw_reuse", 1);
  ended.remove({InputKind::Info, "options"});
  CHECK(found(ended, "F34").severity == Severity::Note);
  CHECK(found(ended.before("options", 0), "F34").severity == Severity::Error);
}

TEST_CASE("reuse on loopback alone does not help towards another host") {
  Endpoint far = Endpoint::ipv6_loopback(80);
  Scene near = in_time_wait(96).sysctl("net.ipv4.tcp_tw_reuse", 2).peer(far);
  CHECK(found(near, "F34").severity == Severity::Note);
  CHECK(found(near.peer(Endpoint()), "F34").severity == Severity::Error);
}

TEST_CASE("the ports are those that the socket may use") {
  CHECK_FALSE(finds(in_time_wait(20).option("IP_LOCAL_PORT_RANGE", Numbers{0, 0}), "F34"));
  CHECK(finds(in_time_wait(20).option("IP_LOCAL_PORT_RANGE", Numbers{40'080, 0}), "F34"));
  CHECK(finds(in_time_wait(20).option("IP_LOCAL_PORT_RANGE", Numbers{0, 40'019}), "F34"));
  CHECK_FALSE(finds(in_time_wait(20).option("IP_LOCAL_PORT_RANGE", Numbers{1, 65'535}), "F34"));
}

TEST_CASE("memory pressure is found when it was there in between, and worse when data is dropped") {
  CHECK(found(holding_pages(3000), "F35").severity == Severity::Warning);
  CHECK(found(holding_pages(3001), "F35").severity == Severity::Error);
  CHECK(finds(holding_pages(10).counter("TCPMemoryPressures", 1), "F35"));
  Scene small_buffers = holding_pages(10).counter("PruneCalled", 90).counter("RcvPruned", 9).counter("TCPRcvQDrop", 9);
  CHECK_FALSE(finds(small_buffers, "F35"));
}

TEST_CASE("a namespace that does not show the limits of memory is not judged by them") {
  Scene scene = holding_pages(2001);
  scene.remove({InputKind::Sysctl, "net.ipv4.tcp_mem"});
  const Diagnosis diagnosis = scene.diagnose();
  REQUIRE(unchecked(diagnosis, "F35") != nullptr);
  CHECK(says(unchecked(diagnosis, "F35")->reason, "net.ipv4.tcp_mem: absent"));
}

TEST_CASE("a reader stalls when the window is closed, however full the buffer looks") {
  const Finding stalled = found(stalled_reader(1500), "F36");
  CHECK(says(stalled.why, "8 KiB"));
  CHECK(says(stalled.why, "1.5 s"));
  CHECK_FALSE(finds(stalled_reader(1500).info("rcv_wnd", 1), "F36"));
  CHECK_FALSE(finds(stalled_reader(1500).option("SO_MEMINFO", memory(0, 8192)), "F36"));
}

TEST_CASE("where the kernel does not tell the window, a full buffer has to do") {
  Scene older = stalled_reader(1500);
  older.remove({InputKind::Info, "rcv_wnd"});
  CHECK_FALSE(finds(older.option("SO_MEMINFO", memory(90, 100)), "F36"));
  CHECK(finds(older.option("SO_MEMINFO", memory(91, 100)), "F36"));
}

TEST_CASE("remembered metrics are noted in measurements alone") {
  CHECK(found(measurement(0), "F38").severity == Severity::Note);
  Scene one_look = measurement(0);
  one_look.rest.requests.reset();
  CHECK_FALSE(finds(one_look, "F38"));
  CHECK(finds(one_look.before("bytes_sent", 0), "F38"));
}

}  // namespace tcpkit::test
