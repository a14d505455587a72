#include <tcpkit/sock/negotiated.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/snapshot_builder.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

namespace {

constexpr std::uint64_t kAll = kTimestampsOn | kSackOn | kScalingOn | kEcnOn;

SnapshotBuilder connected(std::uint64_t agreed) {
  SnapshotBuilder builder;
  builder.field("options", agreed).field("snd_mss", 1448).field("advmss", 1460).field("pmtu", 1500);
  builder.field("snd_wscale", 7).field("rcv_wscale", 10).set("SO_RCVBUF", 131072).set("SO_BUF_LOCK", 0);
  return builder;
}

NegotiatedFact fact(std::string_view key, const SnapshotBuilder& builder, SysctlValues sysctls = usual_sysctls()) {
  const auto facts = negotiated(builder.build(), sysctls);
  const auto found = std::ranges::find(facts, key, &NegotiatedFact::key);
  REQUIRE(found != facts.end());
  return *found;
}

SysctlValues with(std::string_view name, Value value) {
  SysctlValues sysctls = usual_sysctls();
  sysctls.put({find_sysctl(name), std::move(value), {}});
  return sysctls;
}

SysctlValues without(std::string_view name) {
  SysctlValues sysctls = usual_sysctls();
  sysctls.put({find_sysctl(name), std::nullopt, "unreadable: Permission denied"});
  return sysctls;
}

struct Feature {
  std::string_view key;
  std::uint64_t bit;
  std::string_view sysctl;
};

}  // namespace

TEST_CASE("the facts of a handshake stand in their order") {
  SysctlValues sysctls = usual_sysctls();
  std::vector<std::string_view> keys;
  for (const NegotiatedFact& one : negotiated(connected(kAll).build(), sysctls)) keys.push_back(one.key);
  CHECK(keys ==
        std::vector<std::string_view>{"mss", "advmss", "snd_wscale", "rcv_wscale", "timestamps", "sack", "ecn"});
}

TEST_CASE("segment sizes come with the path they are for") {
  const NegotiatedFact mss = fact("mss", connected(kAll));
  CHECK(mss.value == Value(std::int64_t{1448}));
  CHECK(mss.note == "path MTU 1500, 12 bytes less for timestamps");
  CHECK(fact("mss", connected(0)).note == "by the peer or TCP_MAXSEG; path MTU 1500 allows 1460");
  CHECK(fact("advmss", connected(kAll)).value == Value(std::int64_t{1460}));
}

TEST_CASE("a feature that is on needs no reason, whatever the sysctl says now") {
  const auto feature = GENERATE(values<Feature>({{"timestamps", kTimestampsOn, "net.ipv4.tcp_timestamps"},
                                                 {"sack", kSackOn, "net.ipv4.tcp_sack"},
                                                 {"ecn", kEcnOn, "net.ipv4.tcp_ecn"}}));
  for (const int setting : {0, 1}) {
    const NegotiatedFact on = fact(feature.key, connected(feature.bit), with(feature.sysctl, number_of(setting)));
    CHECK(on.value == Value(true));
    CHECK(on.note.empty());
  }
}

TEST_CASE("a feature that is off was switched off here or not agreed to there") {
  const auto feature = GENERATE(values<Feature>({{"timestamps", kTimestampsOn, "net.ipv4.tcp_timestamps"},
                                                 {"sack", kSackOn, "net.ipv4.tcp_sack"},
                                                 {"ecn", kEcnOn, "net.ipv4.tcp_ecn"}}));
  const std::string name(feature.sysctl);
  const NegotiatedFact here = fact(feature.key, connected(kAll & ~feature.bit), with(feature.sysctl, number_of(0)));
  CHECK(here.value == Value(false));
  CHECK(here.note == "not asked for: " + name + " = 0");
  const NegotiatedFact there = fact(feature.key, connected(kAll & ~feature.bit), with(feature.sysctl, number_of(1)));
  CHECK(there.value == Value(false));
  CHECK(there.note == "asked for (" + name + " = 1), not agreed by the peer or the path");
}

TEST_CASE("tcp_ecn = 2 only accepts, 3 asks") {
  CHECK(fact("ecn", connected(0), with("net.ipv4.tcp_ecn", number_of(2))).note.starts_with("not asked for"));
  CHECK(fact("ecn", connected(0), with("net.ipv4.tcp_ecn", number_of(3))).note.starts_with("asked for"));
}

TEST_CASE("an unreadable sysctl leaves open who switched a feature off") {
  for (const auto& [key, name] : {std::pair{"timestamps", "net.ipv4.tcp_timestamps"},
                                  {"sack", "net.ipv4.tcp_sack"},
                                  {"ecn", "net.ipv4.tcp_ecn"}}) {
    const NegotiatedFact off = fact(key, connected(0), without(name));
    CHECK(off.value == Value(false));
    CHECK(off.note == std::string("not agreed; whether it was asked for is unknown: ") + name +
                          " is unreadable: Permission denied");
  }
}

TEST_CASE("our window scale is the sysctls', or the locked buffer's") {
  CHECK(fact("rcv_wscale", connected(kAll)).note == "from max(tcp_rmem[2] = 33554432, rmem_max = 212992)");
  auto small = connected(kAll).field("rcv_wscale", 2);
  small.set("SO_RCVBUF", 425984).set("SO_BUF_LOCK", 2);
  CHECK(fact("rcv_wscale", small).note == "from the receive buffer of 425984, fixed before the SYN");
  CHECK(fact("rcv_wscale", small.set("SO_BUF_LOCK", 0)).note ==
        "from the buffer or window clamp at the time of the SYN");
}

TEST_CASE("a large buffer locked after the handshake did not decide the scale") {
  auto late = connected(kAll);
  late.set("SO_RCVBUF", 425984).set("SO_BUF_LOCK", 2);
  CHECK(fact("rcv_wscale", late).note == "from max(tcp_rmem[2] = 33554432, rmem_max = 212992)");
}

TEST_CASE("with its sysctls unreadable the scale has no invented cause") {
  const NegotiatedFact scale = fact("rcv_wscale", connected(kAll), without("net.ipv4.tcp_rmem"));
  CHECK(scale.value == Value(std::int64_t{10}));
  CHECK(scale.note == "from the buffer or window clamp at the time of the SYN");
}

TEST_CASE("the peer chose the other scale") {
  const NegotiatedFact scale = fact("snd_wscale", connected(kAll));
  CHECK(scale.value == Value(std::int64_t{7}));
  CHECK(scale.note == "the peer's choice in its SYN-ACK");
}

TEST_CASE("without window scaling no window passes 65535") {
  const auto unscaled = connected(0).field("snd_wscale", 0).field("rcv_wscale", 0);
  CHECK(fact("rcv_wscale", unscaled, with("net.ipv4.tcp_window_scaling", Value(false))).note ==
        "no window above 65535: not asked for: net.ipv4.tcp_window_scaling = 0");
  CHECK(fact("snd_wscale", unscaled).note.find("not agreed by the peer or the path") != std::string::npos);
}

TEST_CASE("every fact that TCP_INFO does not tell is absent and says why") {
  SysctlValues sysctls = usual_sysctls();
  for (const NegotiatedFact& one : negotiated(connected(kAll).no_info("unreadable: denied").build(), sysctls)) {
    CAPTURE(one.key);
    CHECK(one.value == std::nullopt);
    CHECK(one.note == "unreadable: denied");
  }
  for (const NegotiatedFact& one : negotiated(connected(kAll).info_size(4).build(), sysctls)) {
    CAPTURE(one.key);
    CHECK(one.value == std::nullopt);
    CHECK_FALSE(one.note.empty());
  }
}
