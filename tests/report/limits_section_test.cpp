#include "report/limits_section.hpp"

#include <algorithm>
#include <string>

#include "support/catch.hpp"
#include "support/facts_builder.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

namespace {

Field field(std::string_view key, const SnapshotBuilder& builder, std::optional<std::uint64_t> bandwidth = {},
            SysctlValues sysctls = usual_sysctls()) {
  const Section section = limits_section(facts_of(builder, sysctls), sysctls, bandwidth);
  CHECK(section.key == "limits");
  const auto found = std::ranges::find(section.fields, key, &Field::key);
  return found == section.fields.end() ? Field{} : *found;
}

std::uint64_t number_in(const Field& one) {
  if (const auto* number = std::get_if<std::int64_t>(&one.data.value)) return static_cast<std::uint64_t>(*number);
  REQUIRE(std::holds_alternative<std::uint64_t>(one.data.value));
  return std::get<std::uint64_t>(one.data.value);
}

bool is_null(const Field& one) {
  return std::holds_alternative<std::nullptr_t>(one.data.value);
}

}  // namespace

TEST_CASE("windows are shown with the rates they allow") {
  const Field window = field("window_bytes", usual_connection());
  CHECK(number_in(window) == 65536);
  CHECK(window.text == "64 KiB");
  CHECK(window.remark == "at most 26.2 Mbit/s; 6.71 Gbit/s once grown to 16 MiB");
  CHECK(number_in(field("max_bytes_per_s", usual_connection())) == 3'276'800);
  CHECK(field("max_bytes_per_s", usual_connection()).show == Show::Never);
  CHECK(number_in(field("send_window_bytes", usual_connection())) == 8192);
}

TEST_CASE("a rate beyond 64 bits does not wrap around") {
  SnapshotBuilder builder = usual_connection();
  SysctlValues sysctls = usual_sysctls();
  ConnectionFacts facts = facts_of(builder, sysctls);
  facts.limits.receive.max_bytes_per_s = UINT64_MAX;
  const Section section = limits_section(facts, sysctls, std::nullopt);
  const auto window = std::ranges::find(section.fields, "window_bytes", &Field::key);
  REQUIRE(window != section.fields.end());
  CHECK(window->remark.starts_with("at most 18446744073709551615 bytes/s"));
}

TEST_CASE("without a round trip there is no rate, and no zero either") {
  SnapshotBuilder builder = usual_connection();
  builder.field("min_rtt", UINT32_MAX).field("rtt", 0);
  CHECK(is_null(field("rtt_us", builder)));
  CHECK(field("rtt_us", builder).text == "-");
  CHECK(is_null(field("max_bytes_per_s", builder)));
  CHECK(is_null(field("buffer_needed_bytes", builder, 1'000'000'000)));
}

TEST_CASE("a bandwidth asks for a buffer, which the sysctl allows or not") {
  const Field allowed = field("buffer_needed_bytes", usual_connection(), 1'000'000'000);
  CHECK(number_in(allowed) == 5'000'000);
  CHECK(allowed.label == "buffer for 1.00 Gbit/s");
  CHECK(allowed.remark == "net.ipv4.tcp_rmem[2] = 33554432 allows it; window scale 6 or more");
  CHECK(number_in(field("window_needed_bytes", usual_connection(), 1'000'000'000)) == 2'500'000);
  CHECK(number_in(field("window_scale_needed", usual_connection(), 1'000'000'000)) == 6);
  const Field refused = field("buffer_needed_bytes", usual_connection(), 100'000'000'000);
  CHECK(refused.remark.find("is too small for it") != std::string::npos);
  const Field unknown = field("buffer_needed_bytes", usual_connection(), 1'000'000'000, sysctls_of({}));
  CHECK(unknown.remark == "net.ipv4.tcp_rmem[2] is unreadable");
  CHECK(field("buffer_needed_bytes", usual_connection()).key.empty());
}

TEST_CASE("the time connect takes to give up names what decides it") {
  const Field usual = field("connect_timeout_ms", usual_connection());
  CHECK(number_in(usual) == 131'000);
  CHECK(usual.remark == "net.ipv4.tcp_syn_retries = 6, net.ipv4.tcp_syn_linear_timeouts = 4");
  SnapshotBuilder bounded = usual_connection();
  bounded.set("TCP_USER_TIMEOUT", 2500);
  CHECK(number_in(field("connect_timeout_ms", bounded)) == 2500);
  CHECK(field("connect_timeout_ms", bounded).remark.ends_with("TCP_USER_TIMEOUT = 2500 ms"));
}

TEST_CASE("an idle dead peer is never noticed, or by keepalive") {
  const Field never = field("dead_peer_idle_ms", usual_connection());
  CHECK(is_null(never));
  CHECK(never.text == "never noticed");
  SnapshotBuilder alive = usual_connection();
  alive.set("SO_KEEPALIVE", Value(true)).set("TCP_KEEPIDLE", 60).set("TCP_KEEPINTVL", 10).set("TCP_KEEPCNT", 3);
  CHECK(number_in(field("dead_peer_idle_ms", alive)) == 90'000);
  CHECK(field("dead_peer_idle_ms", alive).remark == "keepidle 60 s + keepcnt 3 x keepintvl 10 s");
  alive.set("TCP_USER_TIMEOUT", 65'000);
  CHECK(number_in(field("dead_peer_idle_ms", alive)) == 70'000);
  CHECK(field("dead_peer_idle_ms", alive).remark.find("TCP_KEEPCNT is not used") != std::string::npos);
}

TEST_CASE("a time that depends on what cannot be read is unknown, not never") {
  SnapshotBuilder denied = usual_connection();
  denied.unreadable("SO_KEEPALIVE", "unreadable: Operation not permitted");
  const Field idle = field("dead_peer_idle_ms", denied);
  CHECK(is_null(idle));
  CHECK(idle.text == "-");
  CHECK(idle.remark == "SO_KEEPALIVE is unreadable: Operation not permitted");
  CHECK(std::get<std::string>(field("reason", denied).data.value) ==
        "dead_peer_idle_ms: SO_KEEPALIVE is unreadable: Operation not permitted");
  CHECK(is_null(field("reason", usual_connection())));
}

TEST_CASE("data in flight to a dead peer names its deadline") {
  CHECK(field("dead_peer_in_flight_ms", usual_connection()).remark == "net.ipv4.tcp_retries2 = 15");
  SnapshotBuilder bounded = usual_connection();
  bounded.set("TCP_USER_TIMEOUT", 3000);
  CHECK(number_in(field("dead_peer_in_flight_ms", bounded)) == 3408);
  CHECK(field("dead_peer_in_flight_ms", bounded).remark == "first retransmission + TCP_USER_TIMEOUT = 3000 ms");
}
