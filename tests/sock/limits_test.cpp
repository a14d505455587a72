#include <tcpkit/sock/limits.hpp>

#include <cmath>
#include <optional>

#include "support/catch.hpp"
#include "support/snapshot_builder.hpp"

using namespace tcpkit;
using namespace tcpkit::test;
using std::chrono::seconds;

namespace {

constexpr Milliseconds kUsualRtoMax{120'000};

SynTimers syn(int retries, int linear, Milliseconds rto_max = kUsualRtoMax) {
  return {retries, linear, rto_max, std::nullopt};
}

struct Attempts {
  int retries;
  int linear;
  int seconds;
};

/// Where a real dead peer was measured; timers may be late by an eighth.
struct Measured {
  RetransmitTimers timers;
  double seconds;
};

RetransmitTimers retransmit(int retries2, std::optional<Milliseconds> user_timeout = {}) {
  return {Milliseconds(204), kUsualRtoMax, retries2, user_timeout};
}

KeepaliveTimers keepalive(int idle, int interval, int probes, std::optional<Milliseconds> user_timeout = {}) {
  return {true, seconds(idle), seconds(interval), probes, user_timeout};
}

SnapshotBuilder connected() {
  SnapshotBuilder builder;
  builder.set("SO_RCVBUF", 131072).set("SO_SNDBUF", 2'000'000).set("SO_BUF_LOCK", 0).set("SO_KEEPALIVE", Value(false));
  builder.set("TCP_SYNCNT", 6).set("TCP_USER_TIMEOUT", 0).set("TCP_RTO_MAX_MS", 120'000);
  builder.set("TCP_KEEPIDLE", 7200).set("TCP_KEEPINTVL", 75).set("TCP_KEEPCNT", 9);
  builder.field("options", kTimestampsOn | kScalingOn).field("snd_wscale", 7).field("rcv_wscale", 10);
  builder.field("rto", 204'000).field("rtt", 30'000).field("min_rtt", 20'000);
  builder.field("rcv_ssthresh", 65'536).field("snd_wnd", 1'500'000);
  return builder;
}

}  // namespace

TEST_CASE("connect gives up when the model or the number of SYNs says so") {
  const auto row = GENERATE(values<Attempts>({{1, 0, 3},
                                              {2, 0, 7},
                                              {3, 0, 15},
                                              {6, 0, 127},
                                              {1, 4, 3},
                                              {2, 4, 7},
                                              {3, 4, 19},
                                              {4, 4, 35},
                                              {6, 4, 131},
                                              {1, 1, 4},
                                              {2, 1, 8}}));
  CAPTURE(row.retries, row.linear);
  CHECK(connect_timeout(syn(row.retries, row.linear)) == seconds(row.seconds));
}

TEST_CASE("a user timeout shortens connect, but not below the first RTO, and never extends it") {
  SynTimers timers = syn(6, 4);
  timers.user_timeout = Milliseconds(2500);
  CHECK(connect_timeout(timers) == Milliseconds(2500));
  timers.user_timeout = Milliseconds(500);
  CHECK(connect_timeout(timers) == Milliseconds(1000));
  timers = syn(2, 0);
  timers.user_timeout = Milliseconds(20'000);
  CHECK(connect_timeout(timers) == Milliseconds(7000));
}

TEST_CASE("RTO_MAX caps the backoff of SYNs") {
  CHECK(connect_timeout(syn(3, 0, Milliseconds(1000))) == Milliseconds(4000));
  CHECK(connect_timeout(syn(5, 0, Milliseconds(2000))) == Milliseconds(11'000));
}

TEST_CASE("extreme timers of connect end and do not overflow") {
  CHECK(connect_timeout(syn(127, 0, Milliseconds(1))) <= Milliseconds(1127));
  CHECK(connect_timeout(syn(127, 255)) > seconds(127 * 120 / 2));
  CHECK(connect_timeout(syn(127, 255)) < seconds((127 + 255) * 120));
  SynTimers timers = syn(127, 0);
  timers.user_timeout = Milliseconds(INT64_C(1) << 31);
  CHECK(connect_timeout(timers) == connect_timeout(syn(127, 0)));
}

TEST_CASE("retries2 stands for a time that starts from 200 ms") {
  CHECK(retries2_deadline(15, kUsualRtoMax) == Milliseconds(924'600));
  CHECK(retries2_deadline(8, kUsualRtoMax) == Milliseconds(102'200));
  CHECK(retries2_deadline(5, kUsualRtoMax) == Milliseconds(12'600));
  CHECK(retries2_deadline(3, kUsualRtoMax) == Milliseconds(3000));
  CHECK(retries2_deadline(0, kUsualRtoMax) == Milliseconds(200));
  CHECK(retries2_deadline(5, Milliseconds(1000)) == Milliseconds(4400));
  CHECK(retries2_deadline(255, kUsualRtoMax) == Milliseconds(204'600 + 246 * 120'000));
}

TEST_CASE("a dead peer with data in flight is noticed when it was measured to be") {
  RetransmitTimers capped = retransmit(5);
  capped.rto_max = Milliseconds(1000);
  const auto row = GENERATE_COPY(values<Measured>({{retransmit(1), 1.68},
                                                   {retransmit(3), 6.83},
                                                   {retransmit(5), 13.51},
                                                   {retransmit(8), 106.25},
                                                   {capped, 5.78},
                                                   {retransmit(15, Milliseconds(1000)), 1.45},
                                                   {retransmit(15, Milliseconds(3000)), 3.42},
                                                   {retransmit(1, Milliseconds(10'000)), 10.55}}));
  CAPTURE(row.timers.retries2, row.seconds);
  const double found = static_cast<double>(dead_peer_in_flight(row.timers).count()) / 1000;
  CHECK(std::abs(found - row.seconds) / row.seconds < 0.12);
}

TEST_CASE("retransmit timers of nothing end all the same") {
  RetransmitTimers timers{Milliseconds(0), Milliseconds(0), 15, std::nullopt};
  CHECK(dead_peer_in_flight(timers) >= retries2_deadline(15, Milliseconds(0)));
  timers.rto_max = Milliseconds(1);
  timers.retries2 = 255;
  CHECK(dead_peer_in_flight(timers) < seconds(1));
}

TEST_CASE("an idle dead peer is noticed by keepalive alone") {
  CHECK(dead_peer_idle(keepalive(1, 1, 3)) == seconds(4));
  CHECK(dead_peer_idle(keepalive(7200, 75, 9)) == seconds(7875));
  KeepaliveTimers off = keepalive(1, 1, 3, Milliseconds(1000));
  off.on = false;
  CHECK(dead_peer_idle(off) == std::nullopt);
}

TEST_CASE("a user timeout ends an idle connection at a probe after it, not the first one") {
  CHECK(dead_peer_idle(keepalive(2, 1, 9, Milliseconds(3500))) == seconds(4));
  CHECK(dead_peer_idle(keepalive(2, 1, 9, Milliseconds(500))) == seconds(3));
  CHECK(dead_peer_idle(keepalive(1, 1, 2, Milliseconds(6000))) == seconds(6));
  CHECK(dead_peer_idle(keepalive(60, 10, 6, Milliseconds(60'000))) == seconds(70));
  CHECK(dead_peer_idle(keepalive(60, 10, 6, Milliseconds(70'001))) == seconds(80));
}

TEST_CASE("keepalive timers of nothing are answered") {
  CHECK(dead_peer_idle(keepalive(0, 0, 0, Milliseconds(5000))) >= Milliseconds(5000));
  CHECK(dead_peer_idle(keepalive(32767, 32767, 127, Milliseconds(INT32_MAX))) > Milliseconds(INT32_MAX));
}

TEST_CASE("a window over a round trip is a rate") {
  CHECK(window_rate(65'535, 20'000) == 3'276'750U);
  CHECK(window_rate(0, 20'000) == 0U);
  CHECK(window_rate(65'535, 0) == std::nullopt);
  CHECK(window_rate(1, 3'000'000) == 0U);
  CHECK(window_rate(UINT64_MAX, 1'000'000) == UINT64_MAX);
  CHECK(window_rate(UINT64_MAX, 1) == UINT64_MAX);
}

TEST_CASE("bandwidth times delay says how much window and buffer a path needs") {
  const BandwidthNeed gigabit = bandwidth_need(1'000'000'000, 20'000);
  CHECK(gigabit.window_bytes == 2'500'000);
  CHECK(gigabit.buffer_bytes == 5'000'000);
  CHECK(gigabit.window_scale == 6);
  CHECK(bandwidth_need(10'000'000, 1000).window_scale == 0);
  CHECK(bandwidth_need(8 * 65'535, 1'000'000).window_scale == 0);
  CHECK(bandwidth_need(8 * 65'536, 1'000'000).window_scale == 1);
}

TEST_CASE("bandwidths of nothing and of everything are answered") {
  CHECK(bandwidth_need(0, 20'000).buffer_bytes == 0);
  CHECK(bandwidth_need(1'000'000'000, 0).window_bytes == 0);
  const BandwidthNeed most = bandwidth_need(UINT64_MAX, UINT64_MAX);
  CHECK(most.window_bytes == UINT64_MAX);
  CHECK(most.buffer_bytes == UINT64_MAX);
  CHECK(most.window_scale == 14);
}

TEST_CASE("limits of a connection take the least round trip and the smallest bound") {
  SysctlValues sysctls = usual_sysctls();
  const Limits limits = find_limits(connected().build(), sysctls);
  CHECK(limits.rtt_us == 20'000U);
  CHECK(limits.receive.window_bytes == 65'536U);
  CHECK(limits.receive.max_bytes_per_s == 3'276'800U);
  CHECK(limits.receive.window_cap_bytes == 16'777'216U);
  CHECK(limits.send.window_bytes == 1'000'000U);
  CHECK(limits.send.window_cap_bytes == 2'097'152U);
  CHECK(limits.connect_timeout.time == seconds(131));
  CHECK(limits.dead_peer_idle.time == std::nullopt);
  CHECK(limits.dead_peer_in_flight.time > Milliseconds(924'600));
}

TEST_CASE("before the first measurement the smoothed round trip counts, and without one there is no rate") {
  SysctlValues sysctls = usual_sysctls();
  CHECK(find_limits(connected().field("min_rtt", UINT32_MAX).build(), sysctls).rtt_us == 30'000U);
  const Limits none = find_limits(connected().field("min_rtt", UINT32_MAX).field("rtt", 0).build(), sysctls);
  CHECK(none.rtt_us == std::nullopt);
  CHECK(none.receive.max_bytes_per_s == std::nullopt);
}

TEST_CASE("a locked receive buffer caps the window, and so does a missing window scale") {
  SysctlValues sysctls = usual_sysctls();
  const Limits locked = find_limits(connected().set("SO_BUF_LOCK", 2).set("SO_RCVBUF", 200'000).build(), sysctls);
  CHECK(locked.receive.window_cap_bytes == 100'000U);
  const Limits unscaled = find_limits(connected().field("options", 0).build(), sysctls);
  CHECK(unscaled.receive.window_cap_bytes == 65'535U);
}

TEST_CASE("what TCP_INFO does not tell is no limit, rather than a small one") {
  SysctlValues sysctls = usual_sysctls();
  const Limits limits = find_limits(connected().no_info("unreadable: Operation not permitted").build(), sysctls);
  CHECK(limits.rtt_us == std::nullopt);
  CHECK(limits.receive.window_bytes == std::nullopt);
  CHECK(limits.receive.window_cap_bytes == std::nullopt);
  CHECK(limits.send.window_bytes == std::nullopt);
  CHECK(limits.send.window_cap_bytes == std::nullopt);
  CHECK(limits.connect_timeout.time == seconds(131));
}

TEST_CASE("options of the socket come before sysctls") {
  SysctlValues sysctls = usual_sysctls();
  SnapshotBuilder builder = connected();
  builder.set("TCP_SYNCNT", 2).set("SO_KEEPALIVE", Value(true)).set("TCP_KEEPIDLE", 60).set("TCP_KEEPINTVL", 10);
  const Limits limits = find_limits(builder.set("TCP_KEEPCNT", 3).build(), sysctls);
  CHECK(limits.connect_timeout.time == seconds(7));
  CHECK(limits.dead_peer_idle.time == seconds(90));
  const Limits bounded = find_limits(builder.set("TCP_USER_TIMEOUT", 3000).build(), sysctls);
  CHECK(bounded.dead_peer_in_flight.time == Milliseconds(3408));
  CHECK(bounded.dead_peer_idle.time == seconds(70));
}

TEST_CASE("a kernel that does not tell who set a buffer leaves open how far it grows") {
  SysctlValues sysctls = usual_sysctls();
  SnapshotBuilder old_kernel = connected().unreadable("SO_BUF_LOCK", "not known to this kernel");
  CHECK(find_limits(old_kernel.build(), sysctls).receive.window_cap_bytes.has_value());  // as a new socket starts
  const Limits moved = find_limits(old_kernel.set("SO_RCVBUF", 425984).build(), sysctls);
  CHECK(moved.receive.window_cap_bytes == std::nullopt);
  CHECK(moved.receive.max_bytes_per_s_cap == std::nullopt);
  CHECK(moved.receive.window_bytes.has_value());
  CHECK(moved.send.window_cap_bytes == std::nullopt);
}
