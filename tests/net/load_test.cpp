#include <tcpkit/net/load.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "net/load_run.hpp"
#include "net/running_server.hpp"
#include "net/small_server.hpp"
#include "support/catch.hpp"

using namespace tcpkit;
using namespace tcpkit::test;
using namespace std::chrono_literals;

namespace {

ServePlan serving(Service service) {
  ServePlan plan = loopback_plan();
  plan.service = service;
  return plan;
}

std::uint64_t sum(const std::vector<LoadNumbers>& intervals, std::uint64_t LoadNumbers::*number) {
  std::uint64_t total = 0;
  for (const LoadNumbers& interval : intervals) total += interval.*number;
  return total;
}

/// Stops the load when its third interval is reported.
struct StopAtThird : LoadRecorder {
  explicit StopAtThird(Load& measuring) : load(measuring) {}
  void interval(const LoadNumbers& numbers) override {
    LoadRecorder::interval(numbers);
    if (intervals.size() == 3) load.stop();
  }
  Load& load;
};

/// Stopped by another thread, a moment after its begin.
LoadResult run_and_stop(const LoadPlan& plan) {
  Load load = opened(plan);
  std::thread stopper([&] {
    std::this_thread::sleep_for(50ms);
    load.stop();
  });
  LoadEvents nobody;
  Result<LoadResult> result = load.run(nobody);
  stopper.join();
  REQUIRE(result);
  return std::move(*result);
}

}  // namespace

TEST_CASE("so many requests as were asked for are sent, answered and counted") {
  const auto mode = GENERATE(LoadMode::RequestResponse, LoadMode::ConnectRequestResponse, LoadMode::WriteWriteRead);
  for (const std::uint32_t connections : {1U, 7U}) {
    Running server(loopback_plan());
    LoadPlan plan = load_plan(server.address, mode);
    plan.count = 100;
    plan.connections = connections;
    const LoadResult result = run(plan);
    CHECK(result.numbers.requests == 100);
    CHECK(failures_of(result.numbers) == 0);
    CHECK(result.numbers.bytes_sent == 6400);
    CHECK(result.numbers.bytes_received == 6400);
    CHECK(result.numbers.latency.count() == 100);
    CHECK(result.numbers.latency_intended.empty());
    CHECK(result.numbers.latency.max() <= result.numbers.duration);
    CHECK_FALSE(result.stopped);
    CHECK_FALSE(result.deadline_passed);
    CHECK_FALSE(result.first_failure);
    const ServeSummary summary = server.end();
    CHECK(summary.totals.bytes_received == 6400);
    CHECK(summary.totals.bytes_sent == 6400);
  }
}

TEST_CASE("a run tells its connections") {
  const Running server(loopback_plan());
  LoadPlan plan = load_plan(server.address);
  plan.count = 50;
  plan.connections = 5;
  const LoadResult result = run(plan);
  CHECK(result.opened == 5);
  CHECK(result.reopened == 0);
  CHECK(result.peak_connections == 5);
  CHECK(result.numbers.connect_time.count() == 5);
  CHECK(result.numbers.lifetime.empty());
  CHECK(result.peer == server.address);
  CHECK(result.local.port() != 0);
  CHECK(result.info_after.has_value());
  CHECK(result.numbers.path.connections == 5);
}

TEST_CASE("a connection for each request is opened and closed for it") {
  Running server(loopback_plan());
  LoadPlan plan = load_plan(server.address, LoadMode::ConnectRequestResponse);
  plan.count = 40;
  plan.connections = 4;
  const LoadResult result = run(plan);
  CHECK(result.numbers.requests == 40);
  CHECK(result.numbers.connect_time.count() >= 40);
  CHECK(result.peak_connections <= 4);
  CHECK(result.info_after_reason == "the connection is closed");
  CHECK(server.end().totals.accepted == 41);  // the first one found the address
}

TEST_CASE("a request in two writes is answered once, by a server that waits for the whole of it") {
  ServePlan whole = loopback_plan();
  whole.request_bytes = 65;
  const Running server(whole);
  LoadPlan plan = load_plan(server.address, LoadMode::WriteWriteRead, 65);
  plan.count = 10;
  const LoadResult result = run(plan);
  CHECK(result.numbers.requests == 10);
  CHECK(result.numbers.in_pieces == 0);
  CHECK(failures_of(result.numbers) == 0);
}

TEST_CASE("the two writes of a request are two, and together the request") {
  std::vector<std::string> writes;
  {
    const SmallServer server([&](int socket, int) {
      writes.push_back(read_bytes(socket, 3));
      writes.push_back(read_bytes(socket, 4));
      write_bytes(socket, "x");
      await_end(socket);
    });
    LoadPlan plan = load_plan(server.address(), LoadMode::WriteWriteRead, 7);
    plan.reply.kind = ReplyRule::Kind::Any;
    plan.count = 1;
    CHECK(run(plan).numbers.bytes_sent == 7);
  }
  CHECK(writes == std::vector<std::string>{"abc", "defg"});
}

TEST_CASE("requests go on for a duration, and those under way are completed") {
  Running server(loopback_plan());
  LoadPlan plan = load_plan(server.address);
  plan.duration = 100ms;
  plan.connections = 3;
  const LoadResult result = run(plan);
  CHECK(result.numbers.duration >= 100ms);
  CHECK(result.numbers.requests > 0);
  CHECK(failures_of(result.numbers) == 0);
  CHECK(server.drain().totals.bytes_received == result.numbers.requests * 64);
}

TEST_CASE("of a count and a duration the first that is reached ends the run") {
  const Running server(loopback_plan());
  LoadPlan plan = load_plan(server.address);
  plan.duration = 1h;
  plan.count = 20;
  CHECK(run(plan).numbers.requests == 20);
  plan.duration = 50ms;
  plan.count = 1'000'000'000;
  CHECK(run(plan).numbers.requests < 1'000'000'000);
}

TEST_CASE("the warm-up is no part of what is measured, but of what the server saw") {
  Running server(loopback_plan());
  LoadPlan plan = load_plan(server.address);
  plan.warmup = 100ms;
  plan.count = 30;
  plan.connections = 2;
  const LoadResult result = run(plan);
  CHECK(result.numbers.requests == 30);
  CHECK(result.numbers.latency.count() == 30);
  CHECK(failures_of(result.numbers) == 0);
  CHECK(result.numbers.bytes_sent == 30 * 64);
  CHECK(result.numbers.bytes_received == 30 * 64);  // not the replies to what was under way when it ended
  CHECK(server.end().totals.bytes_received > 30 * 64);
}

TEST_CASE("a rate is a schedule: so many requests are sent, and timed from when they were due") {
  const Running server(loopback_plan());
  LoadPlan plan = load_plan(server.address);
  plan.rate = 500;
  plan.duration = 200ms;
  plan.connections = 4;
  const LoadResult result = run(plan);
  CHECK(result.numbers.requests == 100);
  CHECK(failures_of(result.numbers) == 0);
  CHECK(result.numbers.latency.count() == 100);
  CHECK(result.numbers.latency_intended.count() == 100);
  CHECK(result.numbers.own_delay.count() == 100);
  CHECK(result.numbers.latency_intended.mean() >= result.numbers.latency.mean());
  CHECK(result.numbers.duration >= 198ms);
}

TEST_CASE("a rate with a count takes the time that the schedule takes") {
  const Running server(loopback_plan());
  LoadPlan plan = load_plan(server.address);
  plan.rate = 100;
  plan.count = 11;
  const LoadResult result = run(plan);
  CHECK(result.numbers.requests == 11);
  CHECK(result.numbers.duration >= 100ms);
}

TEST_CASE("a server that stalls delays what was due meanwhile, and only the intended times tell") {
  const SmallServer server([](int socket, int) {
    for (int n = 0; !read_bytes(socket, 64).empty(); ++n) {
      if (n == 20) std::this_thread::sleep_for(200ms);
      write_bytes(socket, load_plan({}).request);
    }
  });
  LoadPlan plan = load_plan(server.address());
  plan.rate = 200;
  plan.count = 80;
  const LoadResult result = run(plan);
  CHECK(result.numbers.requests == 80);
  CHECK(result.numbers.late >= 30);
  CHECK(result.numbers.latency.count_between(100ms, 1h) <= result.numbers.latency_intended.count_between(100ms, 1h));
  CHECK(result.numbers.latency_intended.count_between(50ms, 1h) >= 25);
  CHECK(result.numbers.latency_intended.max() >= 190ms);
}

TEST_CASE("a stream goes to the server as long as it is asked to") {
  Running server(serving(Service::Discard));
  LoadPlan plan = load_plan(server.address, LoadMode::Stream, 10'000);
  plan.duration = 100ms;
  plan.connections = 2;
  const LoadResult result = run(plan);
  CHECK(result.numbers.bytes_sent > 0);
  CHECK(result.numbers.bytes_received == 0);
  CHECK(result.numbers.requests == result.numbers.bytes_sent / 10'000);
  CHECK(failures_of(result.numbers) == 0);
  CHECK(server.drain().totals.bytes_received >= result.numbers.bytes_sent);
}

TEST_CASE("a stream of so many writes is exactly that long, and all of it has arrived") {
  Running server(serving(Service::Discard));
  LoadPlan plan = load_plan(server.address, LoadMode::Stream, 12'345);
  plan.count = 300;
  plan.connections = 3;
  const LoadResult result = run(plan);
  CHECK(result.numbers.bytes_sent == 300 * 12'345);
  CHECK(result.numbers.requests == 300);
  CHECK(server.drain().totals.bytes_received == 300 * 12'345);
}

TEST_CASE("a stream keeps the bytes of its writes in order") {
  std::string all;
  {
    const SmallServer server([&](int socket, int) {
      for (std::string got; !(got = read_bytes(socket, 1000)).empty();) all += got;
    });
    LoadPlan plan = load_plan(server.address(), LoadMode::Stream, 26'000);
    plan.count = 20;
    CHECK(run(plan).numbers.bytes_sent == 520'000);
  }
  CHECK(all.size() == 520'000);
  for (std::size_t n = 0; n < all.size(); ++n) REQUIRE(all[n] == static_cast<char>('a' + n % 26));
}

TEST_CASE("a reversed stream comes from the server") {
  const Running server(serving(Service::Source));
  LoadPlan plan = load_plan(server.address, LoadMode::Stream, 1000);
  plan.reversed = true;
  plan.duration = 100ms;
  const LoadResult result = run(plan);
  CHECK(result.numbers.bytes_received > 0);
  CHECK(result.numbers.bytes_sent == 0);
  CHECK(result.numbers.requests == 0);  // nothing was written
}

TEST_CASE("bytes go both ways, and no window that is full stops them") {
  const Running server(loopback_plan());
  LoadPlan plan = load_plan(server.address, LoadMode::Bidirectional, 100'000);
  plan.count = 200;  // more than all buffers on the way
  const LoadResult result = run(plan);
  CHECK(result.numbers.bytes_sent == 20'000'000);
  CHECK(result.numbers.bytes_received > 0);
  CHECK(result.numbers.bytes_received <= 20'000'000);
  CHECK(failures_of(result.numbers) == 0);
}

TEST_CASE("idle connections do nothing, and live") {
  Running server(loopback_plan());
  LoadPlan plan = load_plan(server.address, LoadMode::Idle);
  plan.connections = 10;
  plan.duration = 50ms;
  const LoadResult result = run(plan);
  CHECK(result.opened == 10);
  CHECK(result.numbers.lifetime.empty());
  CHECK(failures_of(result.numbers) == 0);
  CHECK(result.numbers.duration >= 50ms);
  CHECK(server.end().totals.bytes_received == 0);
}

TEST_CASE("an idle connection that the server ends has lived, and the run ends with the last one") {
  ServePlan impatient = loopback_plan();
  impatient.max_lifetime = 100ms;
  const Running server(impatient);
  LoadPlan plan = load_plan(server.address, LoadMode::Idle);
  plan.connections = 5;
  plan.duration = 1h;
  const LoadResult result = run(plan);
  CHECK(result.numbers.lifetime.count() == 5);
  CHECK(result.numbers.lifetime.min() >= 50ms);
  CHECK(failures_of(result.numbers) == 5);
}

TEST_CASE("another thread stops a run, and what was measured until then is told") {
  const auto mode = GENERATE(LoadMode::RequestResponse, LoadMode::Stream, LoadMode::Idle);
  const Running server(serving(mode == LoadMode::Stream ? Service::Discard : Service::Echo));
  LoadPlan plan = load_plan(server.address, mode);
  const LoadResult result = run_and_stop(plan);
  CHECK(result.stopped);
  CHECK(failures_of(result.numbers) == 0);
  CHECK((mode == LoadMode::Idle) == (result.numbers.requests == 0));
}

TEST_CASE("a run that is stopped before it begins ends at once") {
  const Running server(loopback_plan());
  Load load = opened(load_plan(server.address));
  load.stop();
  LoadEvents nobody;
  const Result<LoadResult> result = load.run(nobody);
  REQUIRE(result);
  CHECK(result->stopped);
}

TEST_CASE("a run that is stopped in its warm-up has measured nothing, and nothing failed") {
  const Running server(loopback_plan());
  for (const std::uint64_t rate : {0U, 100U}) {
    CAPTURE(rate);
    LoadPlan plan = load_plan(server.address);
    plan.warmup = 1h;
    plan.rate = rate;
    plan.count = 10;
    const LoadResult result = run_and_stop(plan);
    CHECK(result.numbers.requests == 0);
    CHECK(failures_of(result.numbers) == 0);
  }
}

TEST_CASE("the deadline ends a run") {
  const Running server(loopback_plan());
  LoadPlan plan = load_plan(server.address);
  plan.deadline = Clock::now() + 200ms;
  const LoadResult result = run(plan);
  CHECK(result.deadline_passed);
  CHECK_FALSE(result.stopped);
  CHECK(result.numbers.requests > 0);
}

TEST_CASE("what the report intervals tell adds up to the whole") {
  const Running server(loopback_plan());
  LoadPlan plan = load_plan(server.address);
  plan.connections = 2;
  plan.duration = 200ms;
  plan.report_interval = 40ms;
  LoadRecorder events;
  const LoadResult result = run(plan, events);
  REQUIRE(events.intervals.size() >= 2);
  std::uint64_t latencies = 0;
  for (const LoadNumbers& interval : events.intervals) latencies += interval.latency.count();
  CHECK(sum(events.intervals, &LoadNumbers::requests) == result.numbers.requests);
  CHECK(sum(events.intervals, &LoadNumbers::bytes_sent) == result.numbers.bytes_sent);
  CHECK(sum(events.intervals, &LoadNumbers::bytes_received) == result.numbers.bytes_received);
  CHECK(latencies == result.numbers.latency.count());
  Nanoseconds end = 0ns;
  for (const LoadNumbers& interval : events.intervals) {
    CHECK(interval.begin == end);
    end = interval.begin + interval.duration;
  }
  CHECK(end == result.numbers.duration);
}

TEST_CASE("a run may be stopped from what it tells") {
  const Running server(loopback_plan());
  LoadPlan plan = load_plan(server.address);
  plan.report_interval = 20ms;
  Load load = opened(plan);
  StopAtThird events(load);
  REQUIRE(load.run(events));
  CHECK(events.intervals.size() >= 3);
  CHECK(events.intervals.size() <= 4);
}
