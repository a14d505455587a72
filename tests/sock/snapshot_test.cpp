#include "sock/snapshot.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include <tcpkit/sock/limits.hpp>
#include <tcpkit/sock/negotiated.hpp>

#include "sock/socket_states.hpp"
#include "support/catch.hpp"
#include "support/fake_kernel.hpp"
#include "support/snapshot_builder.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

namespace {

constexpr int kTcpInfo = 11;

FakeKernel::Place place_of(std::string_view symbol) {
  const Option& row = *find_option(symbol);
  return {row.level, row.number};
}

}  // namespace

TEST_CASE("a snapshot has one reading for each row, a value or a reason, never both") {
  const int family = GENERATE(AF_INET, AF_INET6);
  const Stage stage = set_stage(family, State::Connected);
  if (!stage.client) return;
  const Snapshot snapshot = take_snapshot(stage.client.get());
  REQUIRE(snapshot.options.size() == options().size());
  for (std::size_t row = 0; row < options().size(); ++row) {
    CAPTURE(options()[row].symbol);
    CHECK(snapshot.options[row].option == &options()[row]);
    CHECK(snapshot.options[row].value.has_value() == snapshot.options[row].reason.empty());
  }
  CHECK(snapshot.info.has_value());
  CHECK(snapshot.peer == local_endpoint(stage.listener.get()));
  CHECK(snapshot.local == peer_endpoint(stage.accepted.get()));
}

TEST_CASE("a socket that is not connected has no peer") {
  const Stage stage = set_stage(AF_INET, State::Fresh);
  const Snapshot snapshot = take_snapshot(stage.client.get());
  CHECK(snapshot.peer.family() == AF_UNSPEC);
  CHECK(snapshot.peer.text() == "-");
}

TEST_CASE("no socket at all gives reasons") {
  const Snapshot snapshot = take_snapshot(-1);
  CHECK_FALSE(snapshot.info);
  CHECK(snapshot.info_reason == "unreadable: Bad file descriptor");
  CHECK(std::ranges::none_of(snapshot.options, [](const OptionReading& one) { return one.value.has_value(); }));
  CHECK(std::ranges::none_of(snapshot.options, [](const OptionReading& one) { return one.reason.empty(); }));
}

TEST_CASE("an older kernel gives reasons for what it lacks and limits from what it has") {
  const Stage stage = set_stage(AF_INET, State::Connected);
  REQUIRE(stage.accepted);
  FakeKernel old_kernel;
  const std::vector<std::string_view> missing = {"TCP_RTO_MAX_MS", "TCP_RTO_MIN_US", "TCP_DELACK_MAX_US",
                                                 "SO_BUF_LOCK"};
  for (const std::string_view symbol : missing) old_kernel.get_errors[place_of(symbol)] = ENOPROTOOPT;
  old_kernel.most_lengths[{IPPROTO_TCP, kTcpInfo}] = 232;
  const Snapshot snapshot = take_snapshot(old_kernel, stage.client.get());
  for (const std::string_view symbol : missing) {
    CHECK(reading(snapshot, symbol).reason == "not known to this kernel");
    CHECK(number(snapshot, symbol) == std::nullopt);
  }
  REQUIRE(snapshot.info);
  CHECK(snapshot.info->size() == 232);
  CHECK(snapshot.info->get("rcv_wnd") == std::nullopt);
  CHECK(snapshot.info->get("rtt").has_value());
  SysctlValues sysctls = usual_sysctls();
  const Limits limits = find_limits(snapshot, sysctls);
  CHECK(limits.receive.window_bytes.has_value());
  CHECK(limits.dead_peer_in_flight.time > Milliseconds(924'600));
}

TEST_CASE("TCP_INFO denied is a reason, and the options are there all the same") {
  const Stage stage = set_stage(AF_INET, State::Connected);
  FakeKernel kernel;
  kernel.get_errors[{IPPROTO_TCP, kTcpInfo}] = EPERM;
  const Snapshot snapshot = take_snapshot(kernel, stage.client.get());
  CHECK_FALSE(snapshot.info);
  CHECK(snapshot.info_reason == "unreadable: Operation not permitted");
  CHECK(number(snapshot, "SO_RCVBUF").has_value());
  SysctlValues sysctls = usual_sysctls();
  CHECK(find_limits(snapshot, sysctls).rtt_us == std::nullopt);
  for (const NegotiatedFact& fact : negotiated(snapshot, sysctls)) CHECK(fact.note == snapshot.info_reason);
}

TEST_CASE("one unreadable option does not lose the others") {
  const Stage stage = set_stage(AF_INET, State::Fresh);
  FakeKernel kernel;
  kernel.get_errors[place_of("SO_RCVBUF")] = EPERM;
  const Snapshot snapshot = take_snapshot(kernel, stage.client.get());
  CHECK(reading(snapshot, "SO_RCVBUF").reason == "unreadable: Operation not permitted");
  CHECK(number(snapshot, "SO_SNDBUF").has_value());
}

TEST_CASE("the defaults of this host are those of a connected socket") {
  const Result<Snapshot> untouched = default_snapshot(AF_INET);
  REQUIRE(untouched);
  CHECK(untouched->peer.family() == AF_INET);
  CHECK(number(*untouched, "SO_BUF_LOCK").value_or(0) == 0);
  CHECK(number(*untouched, "TCP_NODELAY") == 0);
  REQUIRE(untouched->info);
  CHECK(untouched->info->get("state") == 1U);
}

TEST_CASE("the defaults of a family that is none are a failure, not a crash") {
  const Result<Snapshot> untouched = default_snapshot(AF_UNIX);
  REQUIRE_FALSE(untouched);
  CHECK(untouched.error().doing.find("defaults") != std::string::npos);
}

TEST_CASE("a number of a snapshot is a switch or an integer, and nothing else") {
  SnapshotBuilder builder;
  builder.set("TCP_NODELAY", Value(true)).set("SO_RCVBUF", 7).set("TCP_CONGESTION", Value(std::string("bbr")));
  const Snapshot snapshot = builder.build();
  CHECK(number(snapshot, "TCP_NODELAY") == 1);
  CHECK(number(snapshot, "SO_RCVBUF") == 7);
  CHECK(number(snapshot, "TCP_CONGESTION") == std::nullopt);
  CHECK(number(snapshot, "SO_SNDBUF") == std::nullopt);
}

TEST_CASE("a sysctl's number, element or text is there only in its own shape") {
  SysctlValues sysctls = sysctls_of({{"net.ipv4.tcp_rmem", Numbers{4096, 131072}},
                                     {"net.ipv4.tcp_sack", Value(true)},
                                     {"net.ipv4.tcp_congestion_control", std::string("bbr")}});
  CHECK(sysctls.number("net.ipv4.tcp_rmem", 1) == 131072);
  CHECK(sysctls.number("net.ipv4.tcp_rmem", 2) == std::nullopt);
  CHECK(sysctls.number("net.ipv4.tcp_rmem", -1) == std::nullopt);
  CHECK(sysctls.number("net.ipv4.tcp_sack") == 1);
  CHECK(sysctls.number("net.ipv4.tcp_congestion_control") == std::nullopt);
  CHECK(sysctls.text("net.ipv4.tcp_congestion_control") == "bbr");
  CHECK(sysctls.text("net.ipv4.tcp_rmem") == std::nullopt);
  CHECK(sysctls.number("net.core.rmem_max") == std::nullopt);
}

TEST_CASE("a sysctl is read once: its reading stays where it is") {
  SysctlValues sysctls;
  const SysctlReading& first = sysctls.get("net.ipv4.tcp_rmem");
  const SysctlReading& again = sysctls.get("tcp_rmem");
  CHECK(&first == &again);
  CHECK(first.sysctl == find_sysctl("net.ipv4.tcp_rmem"));
}
