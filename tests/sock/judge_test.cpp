#include <string>
#include <vector>

#include <tcpkit/sock/provenance.hpp>

#include "support/catch.hpp"
#include "support/snapshot_builder.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

namespace {

constexpr HostFacts kHost{2304, 4608, 4000};

std::vector<Setting> settings_of(std::initializer_list<std::string_view> texts) {
  std::vector<Setting> settings;
  for (const std::string_view text : texts) {
    const Result<Setting> parsed = parse_setting(text);
    REQUIRE(parsed);
    settings.push_back(*parsed);
  }
  return settings;
}

std::vector<Outcome> judged(std::initializer_list<std::string_view> texts, const SnapshotBuilder& builder,
                            SysctlValues sysctls = usual_sysctls()) {
  return judge(settings_of(texts), builder.build(), kHost, sysctls);
}

Outcome judged(std::string_view text, const SnapshotBuilder& builder, SysctlValues sysctls = usual_sysctls()) {
  return judged({text}, builder, std::move(sysctls)).at(0);
}

/// The one setting of an option that now reads as `got`.
Outcome judged(std::string_view text, std::int64_t got) {
  SnapshotBuilder builder;
  builder.set(parse_setting(text)->option->symbol, Value(got));
  return judged(text, builder);
}

bool mentions(const Outcome& outcome, std::string_view words) {
  return outcome.why.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("a value held as asked needs no explanation") {
  const Outcome outcome = judged("user-timeout=3s", 3000);
  CHECK(outcome.effect == Effect::Exact);
  CHECK(outcome.effective == Value(std::int64_t{3000}));
  CHECK(outcome.why.empty());
  CHECK(outcome.sysctl.empty());
  CHECK(outcome.setting.text == "user-timeout=3s");
}

TEST_CASE("an end of a port range outside of the system's range is ignored by the kernel") {
  const auto judged_range = [](std::string_view text, Numbers range) {
    const auto sysctls = sysctls_of({{"net.ipv4.ip_local_port_range", Numbers{32768, 60999}}});
    return judged(text, SnapshotBuilder().set("IP_LOCAL_PORT_RANGE", std::move(range)), sysctls);
  };
  CHECK(judged_range("local-port-range=40000-40010", {40000, 40010}).effect == Effect::Exact);
  CHECK(judged_range("local-port-range=32768-60999", {32768, 60999}).effect == Effect::Exact);
  CHECK(judged_range("local-port-range=1024-40010", {1024, 40010}).effect == Effect::Changed);
  CHECK(judged_range("local-port-range=40000-61000", {40000, 61000}).effect == Effect::Changed);
  const Outcome outside = judged_range("local-port-range=1024-2047", {1024, 2047});
  CHECK(outside.sysctl == "net.ipv4.ip_local_port_range");
  CHECK(mentions(outside, "net.ipv4.ip_local_port_range = 32768 60999"));
}

TEST_CASE("a doubled buffer is ordinary arithmetic") {
  const Outcome outcome = judged("rcvbuf=64K", 131072);
  CHECK(outcome.effect == Effect::Adjusted);
  CHECK(mentions(outcome, "doubles"));
  CHECK(outcome.sysctl.empty());
  CHECK(judged("sndbuf=64K", 131072).effect == Effect::Adjusted);
}

TEST_CASE("a buffer above rmem_max is a change by that sysctl") {
  const Outcome outcome = judged("rcvbuf=1M", 425984);
  CHECK(outcome.effect == Effect::Changed);
  CHECK(outcome.sysctl == "net.core.rmem_max");
  CHECK(mentions(outcome, "net.core.rmem_max = 212992"));
  CHECK(judged("sndbuf=1M", 425984).sysctl == "net.core.wmem_max");
}

TEST_CASE("a higher rmem_max lets the same buffer pass") {
  SnapshotBuilder builder;
  builder.set("SO_RCVBUF", 2097152);
  const Outcome outcome = judged("rcvbuf=1M", builder, sysctls_of({{"net.core.rmem_max", number_of(4194304)}}));
  CHECK(outcome.effect == Effect::Adjusted);
}

TEST_CASE("a buffer below the minimum is a change without a sysctl") {
  const Outcome outcome = judged("rcvbuf=100", 2304);
  CHECK(outcome.effect == Effect::Changed);
  CHECK(outcome.sysctl.empty());
  CHECK(mentions(outcome, "2304"));
  CHECK(judged("sndbuf=2000", 4608).effect == Effect::Changed);
  CHECK(judged("rcvbuf=1152", 2304).effect == Effect::Adjusted);
}

TEST_CASE("a buffer moved by something else is not explained by arithmetic") {
  const Outcome outcome = judged("rcvbuf=64K", 999);
  CHECK(outcome.effect == Effect::Changed);
  CHECK(mentions(outcome, "999"));
}

TEST_CASE("without rmem_max a smaller buffer is a clamp of unknown size") {
  SnapshotBuilder builder;
  builder.set("SO_RCVBUF", 425984);
  const Outcome outcome = judged("rcvbuf=1M", builder, sysctls_of({}));
  CHECK(outcome.effect == Effect::Changed);
  CHECK(mentions(outcome, "net.core.rmem_max, which cannot be read here"));
  CHECK(outcome.sysctl == "net.core.rmem_max");
  CHECK_FALSE(mentions(outcome, "2147483647"));
  CHECK_FALSE(mentions(outcome, "changed again"));
}

TEST_CASE("what cannot be read back is no change and no success") {
  SnapshotBuilder builder;
  builder.unreadable("SO_RCVBUFFORCE", "write-only");
  const Outcome outcome = judged("rcvbufforce=1M", builder);
  CHECK(outcome.effective == std::nullopt);
  CHECK(outcome.effect == Effect::Unverified);
  CHECK(judged("6:99=1", SnapshotBuilder()).effective == std::nullopt);
}

TEST_CASE("times are rounded up to ticks") {
  CHECK(judged("rcvtimeo=1us", 4000).effect == Effect::Adjusted);
  CHECK(mentions(judged("rcvtimeo=1us", 4000), "4000 us"));
  CHECK(judged("rcvtimeo=8ms", 8000).effect == Effect::Exact);
  CHECK(judged("rto-max-ms=1999ms", 2000).effect == Effect::Adjusted);
  CHECK(judged("rto-min-us=5ms", 8000).effect == Effect::Adjusted);
  CHECK(judged("delack-max-us=5ms", 8000).effect == Effect::Adjusted);
  CHECK(judged("rto-max-ms=1999ms", 120'000).effect == Effect::Changed);
}

TEST_CASE("a host whose tick is unknown rounds nothing") {
  SnapshotBuilder builder;
  builder.set("SO_RCVTIMEO", 4000);
  SysctlValues sysctls = usual_sysctls();
  const auto settings = settings_of({"rcvtimeo=1us"});
  CHECK(judge(settings, builder.build(), HostFacts{}, sysctls).at(0).effect == Effect::Changed);
}

TEST_CASE("TOS loses its ECN bits") {
  CHECK(judged("tos=16", 16).effect == Effect::Exact);
  CHECK(judged("tos=5", 4).effect == Effect::Changed);
  CHECK(mentions(judged("tos=5", 4), "ECN"));
  CHECK(judged("tclass=255", 252).effect == Effect::Changed);
  CHECK_FALSE(mentions(judged("tos=16", 32), "ECN"));
}

TEST_CASE("a priority overwritten by TOS says how to keep it") {
  SnapshotBuilder builder;
  builder.set("SO_PRIORITY", 6).set("IP_TOS", 16);
  const auto outcomes = judged({"priority=3", "tos=16"}, builder);
  CHECK(outcomes.at(0).effect == Effect::Changed);
  CHECK(mentions(outcomes.at(0), "overwritten by IP_TOS"));
  CHECK(outcomes.at(1).effect == Effect::Exact);
  CHECK_FALSE(mentions(judged("priority=3", 6), "IP_TOS"));
}

TEST_CASE("a segment size loses the timestamps, or is the peer's") {
  SnapshotBuilder builder;
  builder.set("TCP_MAXSEG", 988).field("options", kTimestampsOn);
  CHECK(judged("maxseg=1000", builder).effect == Effect::Adjusted);
  CHECK(mentions(judged("maxseg=1000", builder), "12 bytes"));
  CHECK(judged("maxseg=1400", builder).effect == Effect::Changed);
  CHECK(judged("maxseg=500", builder).effect == Effect::Changed);
  builder.field("options", 0);
  CHECK(judged("maxseg=1000", builder).effect == Effect::Changed);
  CHECK(judged("maxseg=988", builder).effect == Effect::Exact);
  CHECK(judged("maxseg=0", builder).effect == Effect::Exact);
}

TEST_CASE("a window clamp is overwritten, raised or taken") {
  CHECK(mentions(judged("window-clamp=20000", 65535), "overwritten"));
  CHECK(judged("window-clamp=20000", 65535).effect == Effect::Changed);
  CHECK(mentions(judged("window-clamp=100", 1152), "raised to 1152"));
  CHECK(judged("window-clamp=20000", 20000).effect == Effect::Adjusted);
  CHECK(judged("window-clamp=0", 65535).effect == Effect::Adjusted);
}

TEST_CASE("a low-water mark is bounded by half of what the buffer can be") {
  SnapshotBuilder builder;
  builder.set("SO_RCVLOWAT", 16777216);
  const Outcome outcome = judged("rcvlowat=1G", builder);
  CHECK(outcome.effect == Effect::Changed);
  CHECK(outcome.sysctl == "net.ipv4.tcp_rmem");
  CHECK(mentions(outcome, "33554432"));
  builder.set("SO_BUF_LOCK", 2);
  CHECK(judged("rcvlowat=1G", builder).sysctl.empty());
  CHECK(judged("rcvlowat=0", 1).effect == Effect::Adjusted);
  CHECK(judged("rcvlowat=9", 9).effect == Effect::Exact);
}

TEST_CASE("a kernel that does not tell locks has a buffer fixed that was asked for") {
  SnapshotBuilder builder;
  builder.set("SO_RCVLOWAT", 65'536).set("SO_RCVBUF", 131'072).unreadable("SO_BUF_LOCK", "not known to this kernel");
  CHECK(mentions(judged({"rcvbuf=64K", "rcvlowat=1G"}, builder).at(1), "SO_RCVBUF = 131072"));
  CHECK(mentions(judged("rcvlowat=1G", builder), "net.ipv4.tcp_rmem[2]"));
}

TEST_CASE("FIN-WAIT-2 time: the sysctl's for 0, two minutes at most") {
  CHECK(judged("linger2=0", 60).effect == Effect::Adjusted);
  CHECK(judged("linger2=500s", 120).effect == Effect::Changed);
  CHECK(judged("linger2=-1", -1).effect == Effect::Exact);
}

TEST_CASE("an option for listeners is without effect on a connection") {
  const Outcome outcome = judged("defer-accept=10s", 15);
  CHECK(outcome.effect == Effect::Changed);
  CHECK(mentions(outcome, "15 s"));
  CHECK(mentions(outcome, "without effect here"));
  CHECK(judged("defer-accept=0", 0).effect == Effect::Exact);
}

TEST_CASE("an option for listeners has its effect on one") {
  const auto on_listener = [](std::string_view text, std::int64_t got) {
    SnapshotBuilder builder;
    builder.set("SO_ACCEPTCONN", Value(true)).set(parse_setting(text)->option->symbol, Value(got));
    return judged(text, builder);
  };
  CHECK(on_listener("defer-accept=1s", 1).effect == Effect::Exact);
  CHECK(on_listener("defer-accept=10s", 15).effect == Effect::Adjusted);
  CHECK(mentions(on_listener("defer-accept=10s", 15), "15 s"));
  CHECK(on_listener("defer-accept=10s", 11).effect == Effect::Changed);
  CHECK(on_listener("fastopen=16", 16).effect == Effect::Exact);
  CHECK(mentions(on_listener("fastopen=16", 8), "the kernel holds 8"));
}

TEST_CASE("an option TCP ignores is a change even when it is held") {
  for (const Option& row : options()) {
    if (!row.inert || row.kind != Kind::Switch || row.access == Access::ReadOnly) continue;
    SnapshotBuilder builder;
    builder.set(row.symbol, Value(true));
    CAPTURE(row.symbol);
    CHECK(judged(row.name, builder).effect == Effect::Changed);
  }
}

TEST_CASE("quick ACKs that ended by themselves are a change") {
  SnapshotBuilder builder;
  builder.set("TCP_QUICKACK", Value(false));
  CHECK(judged("quickack", builder).effect == Effect::Changed);
  builder.set("TCP_QUICKACK", Value(true));
  CHECK(judged("quickack", builder).effect == Effect::Exact);
}

TEST_CASE("busy polling without a queue to poll is without effect") {
  SnapshotBuilder builder;
  builder.set("SO_BUSY_POLL", 50).set("SO_INCOMING_NAPI_ID", 0);
  CHECK(judged("busy-poll=50us", builder).effect == Effect::Changed);
  builder.set("SO_INCOMING_NAPI_ID", 8193);
  CHECK(judged("busy-poll=50us", builder).effect == Effect::Exact);
}

TEST_CASE("of an option given twice the last one is judged") {
  SnapshotBuilder builder;
  builder.set("SO_RCVBUF", 131072);
  const auto outcomes = judged({"rcvbuf=32K", "nodelay", "rcvbuf=64K"}, builder);
  CHECK(outcomes.at(0).effect == Effect::Adjusted);
  CHECK(mentions(outcomes.at(0), "given again later"));
  CHECK(mentions(outcomes.at(2), "doubles"));
}

TEST_CASE("names and structures are compared whole") {
  SnapshotBuilder builder;
  builder.set("TCP_CONGESTION", Value(std::string("bbr"))).set("SO_LINGER", Structure{{"onoff", 1}, {"linger", 5}});
  CHECK(judged("congestion=bbr", builder).effect == Effect::Exact);
  CHECK(judged("congestion=reno", builder).effect == Effect::Changed);
  CHECK(mentions(judged("congestion=reno", builder), "bbr"));
  CHECK(judged("linger=5s", builder).effect == Effect::Exact);
  CHECK(judged("linger=6s", builder).effect == Effect::Changed);
}

TEST_CASE("linger that is off keeps its old time, and is off all the same") {
  SnapshotBuilder builder;
  builder.set("SO_LINGER", Structure{{"onoff", 0}, {"linger", 5}});
  CHECK(judged("linger=off", builder).effect == Effect::Exact);
}

TEST_CASE("a rate above 63 bits is compared") {
  SnapshotBuilder builder;
  builder.set("SO_MAX_PACING_RATE", Value(std::uint64_t{UINT64_MAX}));
  CHECK(judged("max-pacing-rate=unlimited", builder).effect == Effect::Exact);
  CHECK(judged("max-pacing-rate=1M", builder).effect == Effect::Changed);
}

TEST_CASE("a Fast Open queue is judged by what lets listeners use it") {
  const auto judged_queue = [](std::int64_t got, std::int64_t enabled) {
    const auto sysctls = sysctls_of({{"net.ipv4.tcp_fastopen", enabled}, {"net.core.somaxconn", std::int64_t{50}}});
    return judged("fastopen=99", SnapshotBuilder().set("SO_ACCEPTCONN", Value(true)).set("TCP_FASTOPEN", Value(got)),
                  sysctls);
  };
  CHECK(judged_queue(99, 3).effect == Effect::Exact);
  const Outcome cut = judged_queue(50, 3);
  CHECK(cut.effect == Effect::Changed);
  CHECK(cut.sysctl == "net.core.somaxconn");
  const Outcome off = judged_queue(99, 1);
  CHECK(off.effect == Effect::Changed);
  CHECK(off.sysctl == "net.ipv4.tcp_fastopen");
  CHECK(mentions(off, "net.ipv4.tcp_fastopen = 1"));
}
