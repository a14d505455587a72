#include <tcpkit/report/connection.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <nlohmann/json.hpp>

#include <tcpkit/report/render.hpp>
#include <tcpkit/sock/unit.hpp>

#include "sock/socket_states.hpp"
#include "support/catch.hpp"
#include "support/facts_builder.hpp"

using namespace tcpkit;
using namespace tcpkit::test;
using Json = nlohmann::ordered_json;

namespace {

ConnectionView complete() {
  ConnectionView view;
  view.complete = true;
  return view;
}

std::vector<Section> described(const SnapshotBuilder& builder, std::initializer_list<std::string_view> settings = {},
                               const ConnectionView& view = complete()) {
  SysctlValues sysctls = usual_sysctls();
  return describe_connection(facts_of(builder, sysctls, settings), sysctls, view);
}

Json as_json(std::vector<Section> sections) {
  return Json::parse(find_format("json")->render({"tcpkit.probe/1", std::move(sections)}, {}));
}

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> result;
  for (const auto& member : object.items()) result.push_back(member.key());
  return result;
}

const Field& field(const std::vector<Section>& sections, std::string_view section, std::string_view key) {
  const auto there = std::ranges::find(sections, section, &Section::key);
  REQUIRE(there != sections.end());
  const auto found = std::ranges::find(there->fields, key, &Field::key);
  REQUIRE(found != there->fields.end());
  return *found;
}

ConnectionView only(std::string_view names) {
  ConnectionView view;
  view.only = *parse_selection(names);
  return view;
}

std::string change(std::string_view text, const SnapshotBuilder& builder) {
  SysctlValues sysctls = usual_sysctls();
  return describe_outcome(facts_of(builder, sysctls, {text}).outcomes.at(0));
}

}  // namespace

TEST_CASE("the report of a connection has the keys that scripts hold on to") {
  const Json json = as_json(described(usual_connection()));
  for (const char* key : {"schema", "local", "peer", "options", "sysctls", "tcp_info", "negotiated", "limits",
                          "findings", "findings_not_checked"}) {
    CAPTURE(key);
    CHECK(json.contains(key));
  }
  CHECK(json["local"] == "127.0.0.1:40000");
  CHECK(json["peer"] == "127.0.0.1:80");
  CHECK(keys(json["negotiated"]) ==
        std::vector<std::string>{"mss", "advmss", "snd_wscale", "rcv_wscale", "timestamps", "sack", "ecn"});
  for (const char* key : {"window_bytes", "rtt_us", "max_bytes_per_s", "connect_timeout_ms", "dead_peer_idle_ms",
                          "dead_peer_in_flight_ms"}) {
    CAPTURE(key);
    CHECK(json["limits"].contains(key));
  }
  CHECK(json["findings"].is_array());
  CHECK(json["findings_not_checked"].is_array());
}

TEST_CASE("options have one entry for each row, in table order, each with the same keys") {
  const Json object = as_json(described(usual_connection()))["options"];
  std::vector<std::string> symbols;
  for (const Option& row : options()) symbols.emplace_back(row.symbol);
  CHECK(keys(object) == symbols);
  for (const Option& row : options()) {
    const Json& entry = object[std::string(row.symbol)];
    CAPTURE(row.symbol);
    CHECK(keys(entry) ==
          std::vector<std::string>{"name", "value", "unit", "requested", "origin", "sysctl", "note", "reason"});
    CHECK(entry["name"] == row.name);
    CHECK(entry["value"].is_null() == entry["reason"].is_string());
    CHECK(entry["unit"] == (row.unit == Unit::None ? Json(nullptr) : Json(unit_name(row.unit))));
  }
}

TEST_CASE("absent, off, zero and unreadable are four different things") {
  SnapshotBuilder builder = usual_connection();
  builder.set("SO_PRIORITY", 0).unreadable("IP_TOS", "unreadable: Operation not permitted");
  const Json object = as_json(described(builder))["options"];
  CHECK(object["TCP_NODELAY"]["value"] == false);
  CHECK(object["SO_PRIORITY"]["value"] == 0);
  CHECK(object["SO_RCVBUFFORCE"]["value"].is_null());
  CHECK(object["SO_RCVBUFFORCE"]["reason"] == "write-only");
  CHECK(object["SO_ERROR"]["reason"] == "consuming read");
  CHECK(object["IP_TOS"]["reason"] == "unreadable: Operation not permitted");
  CHECK(object["SO_MARK"]["reason"] == "not known to this kernel");
  CHECK(object["SO_LINGER"]["value"] == Json({{"onoff", 0}, {"linger", 0}}));
}

TEST_CASE("a request shows what was asked, held and why") {
  SnapshotBuilder builder = usual_connection();
  builder.set("SO_RCVBUF", 425984).set("SO_BUF_LOCK", 2);
  const Json entry = as_json(described(builder, {"rcvbuf=1M"}))["options"]["SO_RCVBUF"];
  CHECK(entry["value"] == 425984);
  CHECK(entry["requested"] == 1048576);
  CHECK(entry["origin"] == "requested");
  CHECK(entry["sysctl"] == "net.core.rmem_max");
  CHECK(entry["note"].get<std::string>().find("net.core.rmem_max = 212992") != std::string::npos);
  CHECK(entry["unit"] == "bytes");
  CHECK(as_json(described(builder))["options"]["SO_RCVBUF"]["requested"].is_null());
}

TEST_CASE("a raw option is told apart from the table's") {
  const Json json = as_json(described(usual_connection(), {"6:99=7"}));
  CHECK(json["raw_options"]["6:99"]["requested"] == 7);
  CHECK(json["options"].size() == options().size());
}

TEST_CASE("TCP_INFO has every field, and those an older kernel lacks are null") {
  const Json full = as_json(described(usual_connection()))["tcp_info"];
  std::vector<std::string> names;
  for (const TcpInfoField& row : tcp_info_fields()) names.emplace_back(row.key);
  CHECK(keys(full) == names);
  CHECK(full["rtt_us"] == 30'000);
  const auto old_kernel = described(usual_connection().info_size(232));
  CHECK(as_json(old_kernel)["tcp_info"]["rtt_us"] == 30'000);
  const TcpInfoField& newer = *find_tcp_info_field("rcv_wnd");
  CHECK(as_json(old_kernel)["tcp_info"][std::string(newer.key)].is_null());
  CHECK(field(old_kernel, "tcp_info", newer.key).remark == "absent: this kernel does not return it");
}

TEST_CASE("denied TCP_INFO leaves nulls and the reason") {
  const auto denied = described(usual_connection().no_info("unreadable: Operation not permitted"));
  const Json json = as_json(denied);
  for (const auto& member : json["tcp_info"].items()) CHECK(member.value().is_null());
  for (const auto& member : json["negotiated"].items()) CHECK(member.value().is_null());
  CHECK(json["limits"]["window_bytes"].is_null());
  CHECK(json["limits"]["rtt_us"].is_null());
  CHECK(field(denied, "tcp_info", "rtt_us").remark == "unreadable: Operation not permitted");
  CHECK(field(denied, "negotiated", "mss").remark == "unreadable: Operation not permitted");
}

TEST_CASE("by default text shows headline rows, requests and what nobody explains") {
  SnapshotBuilder builder = usual_connection();
  const auto plain = described(builder);
  CHECK(field(plain, "options", "TCP_NODELAY").show == Show::Always);
  CHECK(field(plain, "options", "TCP_CORK").show == Show::All);
  CHECK(field(plain, "options", "SO_RCVBUFFORCE").show == Show::All);
  builder.set("TCP_CORK", Value(true));
  CHECK(field(described(builder, {"cork"}), "options", "TCP_CORK").show == Show::Always);
  CHECK(field(plain, "tcp_info", "rtt_us").show == Show::All);
  CHECK(field(plain, "sysctls", "net.ipv4.tcp_rmem").show == Show::Always);
  for (const Field& one : plain.back().fields) CHECK(one.show == Show::Never);
}

TEST_CASE("what is known of an origin that nobody can name stands alone") {
  SnapshotBuilder builder = usual_connection();
  builder.set("TCP_USER_TIMEOUT", Value(std::int64_t{30000}));
  const auto sections = described(builder);
  CHECK(field(sections, "options", "TCP_USER_TIMEOUT").remark == "set by the program");
  CHECK(as_json(sections)["options"]["TCP_USER_TIMEOUT"]["origin"] == "unknown");
}

TEST_CASE("few sysctls are read unless all are wanted") {
  const Json few = as_json(described(usual_connection(), {}, {}))["sysctls"];
  CHECK(few.size() == 5);
  CHECK(few["net.core.rmem_max"]["value"] == 212992);
  CHECK(few["net.core.rmem_max"]["scope"] == "global");
  CHECK(few["net.ipv4.tcp_rmem"]["value"] == Json({4096, 131072, 33554432}));
  CHECK(few["net.ipv4.tcp_rmem"]["scope"] == "per namespace");
  const Json all = as_json(described(usual_connection(), {}, complete()))["sysctls"];
  CHECK(all.size() == sysctls().size());
  for (const auto& member : all.items()) {
    CAPTURE(member.key());
    CHECK(member.value()["value"].is_null() == member.value()["reason"].is_string());
  }
}

TEST_CASE("a selection shows its rows and no others") {
  const auto picked = described(usual_connection(), {}, only("cork,rtt,tcp_wmem,net.core.rmem_max"));
  const Json json = as_json(picked);
  CHECK(keys(json["options"]) == std::vector<std::string>{"TCP_CORK"});
  CHECK(keys(json["tcp_info"]) == std::vector<std::string>{"rtt_us"});
  CHECK(keys(json["sysctls"]) == std::vector<std::string>{"net.core.rmem_max", "net.ipv4.tcp_wmem"});
  CHECK_FALSE(json.contains("negotiated"));
  CHECK_FALSE(json.contains("limits"));
  CHECK(field(picked, "options", "TCP_CORK").show == Show::Always);
  CHECK(field(picked, "tcp_info", "rtt_us").show == Show::Always);
}

TEST_CASE("a change is one line with asked, got and why") {
  SnapshotBuilder builder = usual_connection();
  CHECK(change("rcvbuf=1M", builder.set("SO_RCVBUF", 425984)) ==
        "rcvbuf: asked 1048576 (1 MiB), got 425984 (416 KiB): net.core.rmem_max = 212992 allows at most 212992, which "
        "the kernel doubles");
  CHECK(change("tos=5", builder.set("IP_TOS", 4)).starts_with("tos: asked "));
  CHECK(change("rcvbufforce=1M", builder).find("taken by the kernel, not read back") != std::string::npos);
  CHECK(change("6:99=1", builder).starts_with("6:99: "));
}

TEST_CASE("the facts of a real connection come together") {
  const int family = GENERATE(AF_INET, AF_INET6);
  const Stage stage = set_stage(family, State::Connected);
  if (!stage.client) return;
  SysctlValues sysctls;
  const std::vector settings = {*parse_setting("keepcnt=3")};
  REQUIRE(apply(stage.client.get(), settings, Moment::BeforeConnect));
  const Result<ConnectionFacts> facts = gather_facts(stage.client.get(), settings, sysctls);
  REQUIRE(facts);
  CHECK(facts->origins.size() == options().size());
  CHECK(facts->outcomes.size() == 1);
  CHECK(facts->outcomes.at(0).effect == Effect::Exact);
  CHECK(facts->limits.rtt_us.has_value());
  const Json json = as_json(describe_connection(*facts, sysctls, complete()));
  CHECK(json["options"]["TCP_KEEPCNT"]["origin"] == "requested");
  CHECK(json["options"]["TCP_KEEPCNT"]["value"] == 3);
  CHECK(json["peer"] == local_endpoint(stage.listener.get()).text());
}

TEST_CASE("what a connection asked for is not taken for its neighbour's default") {
  const Stage stage = set_stage(AF_INET, State::Connected);
  SysctlValues sysctls;
  const Result<ConnectionFacts> facts = gather_facts(stage.client.get(), {}, sysctls);
  REQUIRE(facts);
  const auto at = static_cast<std::size_t>(find_option("TCP_CORK") - options().data());
  CHECK(facts->origins.at(at).origin == Origin::KernelDefault);
}
