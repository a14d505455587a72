#include "send_report.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include <nlohmann/json.hpp>
#include <tcpkit/report/render.hpp>

#include "send_interval.hpp"
#include "send_numbers.hpp"
#include "send_path_report.hpp"
#include "support/catch.hpp"
#include "support/facts_builder.hpp"

namespace {

using namespace tcpkit;
using namespace std::chrono_literals;
using Json = nlohmann::ordered_json;

SendPlan plan_of(LoadMode mode = LoadMode::RequestResponse) {
  SendPlan plan;
  plan.target = *parse_target("127.0.0.1:80");
  plan.target_text = "127.0.0.1:80";
  plan.load.mode = mode;
  plan.load.request = std::string(64, 'x');
  return plan;
}

Measurement measurement(SysctlValues& sysctls) {
  Measurement measured;
  measured.facts = test::facts_of(test::usual_connection(), sysctls, {"nodelay"});
  measured.load.local = measured.facts.snapshot.local;
  measured.load.peer = measured.facts.snapshot.peer;
  measured.load.info_after_reason = "the connection is closed";
  measured.load.numbers.duration = 2s;
  measured.load.numbers.requests = 4;
  measured.load.numbers.bytes_sent = 256;
  for (int ms = 1; ms <= 4; ++ms) measured.load.numbers.latency.add(ms * 1ms);
  return measured;
}

Json as_json(const SendPlan& plan, const Measurement& measured, SysctlValues& sysctls) {
  return Json::parse(find_format("json")->render(measurement_report(plan, measured, sysctls, true), {}));
}

std::string as_text(const SendPlan& plan, const Measurement& measured, SysctlValues& sysctls) {
  return find_format("text")->render(measurement_report(plan, measured, sysctls, false), {});
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a rate has three digits at least, and none where no time passed") {
  CHECK(rate_text(7, 2s) == "3.5");
  CHECK(rate_text(0, 2s) == "0");
  CHECK(rate_text(250'000, 2s) == "125000");
  CHECK(rate_text(5, 0s) == "-");
  CHECK(bit_rate_text(1'000'000'000, 1s) == "8.00 Gbit/s");
}

TEST_CASE("percentiles asked for stand among the usual ones, and are shown whatever the samples") {
  const auto rows = time_rows(std::vector<double>{99.95, 50, 75});
  std::vector<std::string> labels(rows.size());
  std::ranges::transform(rows, labels.begin(), &TimeRow::label);
  CHECK(labels ==
        std::vector<std::string>{"min", "mean", "p50", "p75", "p90", "p99", "p99.9", "p99.95", "p99.99", "max"});
  CHECK(rows.at(3).samples == 1);
  CHECK(rows.at(4).samples == 10);
  CHECK(rows.at(5).samples == 100);
  CHECK(rows.at(8).samples == 10'000);
}

TEST_CASE("a measurement has the keys that scripts hold on to") {
  SysctlValues sysctls;
  const Json json = as_json(plan_of(), measurement(sysctls), sysctls);
  CHECK(json.begin().key() == "schema");
  CHECK(json["schema"] == "tcpkit.send/1");
  CHECK_FALSE(json.contains("event"));
  CHECK(json["requests"] == 4);
  CHECK(json["errors"] == 0);
  CHECK(json["rate_per_s"] == 2);
  CHECK(json["bytes_sent"] == 256);
  CHECK(json["duration_us"] == 2'000'000);
  CHECK(json["latency_us"]["min"] == 1000);
  CHECK(json["latency_us"]["max"] == 4000);
  CHECK(json["latency_ns"]["mean"] == 2'500'000);
  CHECK(json["options"]["TCP_NODELAY"]["requested"] == true);
  CHECK(json["tcp_info_before"]["rtt_us"] == 30'000);
  CHECK(json["tcp_info_after"].is_null());
  CHECK(json["tcp_info_after_reason"] == "the connection is closed");
}

TEST_CASE("what is not there is null, with its reason") {
  SysctlValues sysctls;
  Measurement measured = measurement(sysctls);
  measured.load.numbers.latency = Histogram();
  CHECK(as_json(plan_of(), measured, sysctls)["latency_us"]["p50"].is_null());
  CHECK(as_json(plan_of(), measured, sysctls)["latency_reason"] == "no request was completed");
  CHECK(as_json(plan_of(LoadMode::Stream), measured, sysctls)["latency_reason"] == "this mode has no requests");
  CHECK(as_json(plan_of(), measured, sysctls)["path"]["rtt_us"].is_null());
  CHECK(as_json(plan_of(), measured, sysctls)["plan"]["rate_per_s"].is_null());
}

TEST_CASE("failures are counted by kind, and an example is told") {
  SysctlValues sysctls;
  Measurement measured = measurement(sysctls);
  measured.load.numbers.failures = {1, 0, 0, 2, 0, 0, 0};
  measured.load.first_failure = system_error(ECONNREFUSED, "connect to 127.0.0.1:80");
  const Json json = as_json(plan_of(), measured, sysctls);
  CHECK(json["errors"] == 3);
  CHECK(json["failures"]["connect"] == 1);
  CHECK(json["failures"]["timeout"] == 2);
  CHECK(json["first_failure"]["code"] == "ECONNREFUSED");
  CHECK(contains(as_text(plan_of(), measured, sysctls), "1 connect, 2 timeout; first: connect to 127.0.0.1:80"));
  measured.load.first_failure->hint = "no answer within 1 s";
  CHECK(contains(as_text(plan_of(), measured, sysctls), "(no answer within 1 s)"));
}

TEST_CASE("people see what was set, and of other options those that bear on it") {
  SysctlValues sysctls;
  const std::string text = as_text(plan_of(), measurement(sysctls), sysctls);
  CHECK(contains(text, "  nodelay"));
  CHECK(contains(text, "  congestion"));
  CHECK_FALSE(contains(text, "  keepidle"));
  CHECK(contains(text, "how    rr, 1 connection, requests of 64 B"));
  CHECK_FALSE(contains(text, "p90"));  // of four samples it is the greatest
}

TEST_CASE("a run that was ended early says so") {
  SysctlValues sysctls;
  Measurement measured = measurement(sysctls);
  measured.load.stopped = true;
  CHECK(contains(as_text(plan_of(), measured, sysctls), "interrupted: these are the numbers so far"));
  CHECK(as_json(plan_of(), measured, sysctls)["interrupted"] == true);
}

TEST_CASE("an interval is an event, a line, and an element of the one object") {
  LoadNumbers numbers;
  numbers.begin = 1s;
  numbers.duration = 1s;
  numbers.requests = 1000;
  numbers.latency.add(15us);
  numbers.path.retransmits = 2;
  const Report report = interval_report(plan_of(), numbers);
  CHECK(find_format("text")->render(report, {}) ==
        "     2 s    1000/s  p50   15 us  p99   15 us  max   15 us  2 resent\n");
  const Json json = Json::parse(find_format("ndjson")->render(report, {}));
  CHECK(json["event"] == "interval");
  CHECK(json["begin_us"] == 1'000'000);
  CHECK(json["latency_us"]["p50"] == 15);
  const Data element = interval_data(plan_of(), numbers);
  CHECK(std::get<DataObject>(element.value).front().first == "begin_us");
}

TEST_CASE("an interval of a stream names what limited it, where the kernel tells") {
  LoadNumbers numbers;
  numbers.duration = 1s;
  numbers.bytes_sent = 1'000'000'000;
  numbers.path.cwnd = 36;
  const auto line = [&] {
    return find_format("text")->render(interval_report(plan_of(LoadMode::Stream), numbers), {});
  };
  CHECK(line() == "     1 s  8.00 Gbit/s  cwnd  36\n");
  numbers.path.limiter = Limiter::CongestionWindow;
  CHECK(line() == "     1 s  8.00 Gbit/s  cwnd  36  limited by cwnd\n");
}

TEST_CASE("bytes that a mode does not move are no row, unless some came") {
  SysctlValues sysctls;
  Measurement measured = measurement(sysctls);
  SendPlan stream = plan_of(LoadMode::Stream);
  CHECK_FALSE(contains(as_text(stream, measured, sysctls), "received"));
  measured.load.numbers.bytes_received = 1;
  CHECK(contains(as_text(stream, measured, sysctls), "received"));
  measured.load.numbers.bytes_sent = 0;
  CHECK(contains(as_text(stream, measured, sysctls), "  sent "));
  stream.load.reversed = true;
  CHECK_FALSE(contains(as_text(stream, measured, sysctls), "  sent "));
}

TEST_CASE("the first failure is told with what is known of it") {
  SysctlValues sysctls;
  Measurement measured = measurement(sysctls);
  measured.load.first_failure = Error{make_error_code(std::errc::no_message_available), "reply", "after 3 bytes"};
  CHECK(contains(as_text(plan_of(), measured, sysctls), "(after 3 bytes)"));
}

TEST_CASE("what held a sender back is named with how long it did") {
  LoadNumbers numbers;
  numbers.path.connections = 1;
  numbers.path.limiter = Limiter::PeerWindow;
  numbers.path.busy_us = 9'800'000;
  numbers.path.rwnd_limited_us = 9'100'000;
  const Section section = path_section(plan_of(LoadMode::Stream), numbers);
  const auto row = std::ranges::find(section.fields, "held back by", &Field::label);
  REQUIRE(row != section.fields.end());
  CHECK(row->text == "the peer's window");
  CHECK(row->remark.starts_with("for 9.1 s of 9.8 s with data to send: "));
  numbers.path.limiter = Limiter::Application;
  const Section requests = path_section(plan_of(), numbers);
  CHECK(std::ranges::find(requests.fields, "held back by", &Field::label) == requests.fields.end());
}

TEST_CASE("progress is what was done since the line before, and what is left") {
  LoadPlan load = plan_of().load;
  load.duration = 10s;
  CHECK(progress_line(load, {}, {0, 0, 0, -1s}) == "warming up, 1 s left");
  CHECK(progress_line(load, {1000, 0, 0, 1s}, {3000, 1, 0, 3s}) == "3000 requests, 1000/s, 1 failed, 7 s left");
  load.duration = 0s;
  load.count = 200;
  CHECK(progress_line(load, {}, {50, 0, 0, 1s}) == "50 requests, 50/s, 25 % done");
  load.mode = LoadMode::Stream;
  load.count = 0;
  CHECK(progress_line(load, {}, {5, 0, 1U << 20, 1s}) == "8.39 Mbit/s, 1 MiB in all");
}
