#include "probe_watch_report.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>

#include <nlohmann/json.hpp>
#include <tcpkit/report/render.hpp>

#include "support/catch.hpp"
#include "support/snapshot_builder.hpp"

namespace {

using namespace tcpkit;
using namespace std::chrono_literals;
using tcpkit::test::SnapshotBuilder;
using Json = nlohmann::ordered_json;

Look look(std::chrono::nanoseconds at, const SnapshotBuilder& builder) {
  const Snapshot snapshot = builder.build();
  return {Clock::time_point(at), snapshot.info, snapshot.info_reason};
}

Json as_json(const Report& report) {
  return Json::parse(find_format("ndjson")->render(report, {}));
}

std::string as_text(const Report& report) {
  return find_format("text")->render(report, {});
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the first look is compared with nothing") {
  const WatchSample sample{0s, nullptr, look(1s, SnapshotBuilder().field("state", 1).field("rtt", 25'100)), {}};
  const Json json = as_json(sample_report({}, sample));
  CHECK(json["event"] == "sample");
  CHECK(json["elapsed_us"] == 0);
  CHECK(json["tcp_info"]["rtt_us"] == 25'100);
  for (const char* key : {"growth", "rates", "echo", "tcp_info_reason"}) {
    CAPTURE(key);
    CHECK(json[key].is_null());
  }
}

TEST_CASE("a look is compared with the one before, over the time between them") {
  const Look before = look(1s, SnapshotBuilder().field("bytes_acked", 1000).field("total_retrans", 2));
  const WatchSample sample{
      2s, &before, look(3s, SnapshotBuilder().field("bytes_acked", 5000).field("total_retrans", 2)), {}};
  const Json json = as_json(sample_report({}, sample));
  CHECK(json["rates"]["interval_us"] == 2'000'000);
  CHECK(json["rates"]["acked_bytes_per_s"] == 2000);
  CHECK(json["rates"]["retransmissions"] == 0);
  CHECK(json["growth"]["bytes_acked"] == 4000);
  CHECK(json["growth"]["total_retrans_segments"] == 0);
  CHECK_FALSE(json["growth"].contains("rtt_us"));
}

TEST_CASE("a kernel that does not return a field leaves null in growth and rates") {
  const Look before = look(1s, SnapshotBuilder().info_size(104));
  const Json json = as_json(sample_report({}, {2s, &before, look(3s, SnapshotBuilder().info_size(104)), {}}));
  CHECK(json["tcp_info"]["bytes_acked"].is_null());
  CHECK(json["growth"]["bytes_acked"].is_null());
  CHECK(json["rates"]["acked_bytes_per_s"].is_null());
  CHECK(json["rates"]["busy_percent"].is_null());
  CHECK(json["rates"]["retransmissions"] == 0);
}

TEST_CASE("a look that failed has its reason, for programs and for people") {
  const WatchSample sample{0s, nullptr, look(1s, SnapshotBuilder().no_info("read TCP_INFO: no permission")), {}};
  const Report report = sample_report({}, sample);
  CHECK(as_json(report)["tcp_info"].is_null());
  CHECK(as_json(report)["tcp_info_reason"] == "read TCP_INFO: no permission");
  CHECK(contains(as_text(report), "read TCP_INFO: no permission"));
}

TEST_CASE("a line tells the state where it is not the usual one, and how long an echo has been out") {
  const Look usual = look(1s, SnapshotBuilder().field("state", 1));
  CHECK_FALSE(contains(as_text(sample_report({}, {0s, nullptr, usual, {}})), "ESTABLISHED"));
  const Look odd = look(1s, SnapshotBuilder().field("state", 8).field("ca_state", 4));
  EchoNumbers echo{.messages = 2, .returned = 1, .outstanding_bytes = 64, .last = 3ms, .waited = 2s};
  const std::string line = as_text(sample_report({}, {0s, nullptr, odd, echo}));
  CHECK(contains(line, "CLOSE_WAIT  Loss"));
  CHECK(contains(line, "echo - (for 2 s)"));
  CHECK(std::count(line.begin(), line.end(), '\n') == 1);
  echo.waited.reset();
  CHECK(contains(as_text(sample_report({}, {0s, nullptr, odd, echo})), "echo 3 ms"));
}

TEST_CASE("with --only there are these fields, and no findings") {
  ProbePlan plan;
  plan.view.only = *parse_selection("rtt,bytes_acked");
  const Look before = look(1s, SnapshotBuilder());
  const Json json = as_json(sample_report(plan, {1s, &before, look(2s, SnapshotBuilder()), {}}));
  CHECK(json["tcp_info"].size() == 2);
  CHECK(json["growth"].size() == 1);
  CHECK_FALSE(as_json(ended_report(plan, {})).contains("findings"));
}

TEST_CASE("the last event says how it ended, and why a connection was lost") {
  WatchResult result{.how = WatchEnding::Lost, .error = {}, .elapsed = 5s, .samples = 6, .diagnosis = {}};
  result.error = system_error(ECONNRESET, "watch 10.0.0.1:80");
  const Json json = as_json(ended_report({}, result));
  CHECK(json["how"] == "lost");
  CHECK(json["error"]["code"] == "ECONNRESET");
  CHECK(json["samples"] == 6);
  CHECK(json["elapsed_us"] == 5'000'000);
  CHECK(json["findings"].is_array());
  CHECK(as_text(ended_report({}, result)).empty());
  CHECK(as_json(ended_report({}, {}))["error"].is_null());
}
