#include <tcpkit/net/load.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>

#include "net/load_run.hpp"
#include "net/small_server.hpp"
#include "support/catch.hpp"

using namespace tcpkit;
using namespace tcpkit::test;
using namespace std::chrono_literals;

namespace {

/// Answers a request and never stops.
void answer_without_end(int socket, int /*number*/) {
  const std::string bytes(4U << 20, 'x');
  (void)read_bytes(socket, 64);
  while (::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) continue;
}

/// However late its thread comes to read, little waits for it.
void take_little_at_once(int socket) {
  const int small = 64 << 10;
  ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
}

ReplyRule until(std::string text) {
  return {.kind = ReplyRule::Kind::Until, .text = std::move(text)};
}

std::uint64_t failures_at_end(const LoadPlan& plan, LoadFailure failure) {
  return count_of(run(plan).numbers, failure);
}

}  // namespace

TEST_CASE("a connection that is lost in the warm-up is a failure of what is measured without it") {
  const SmallServer server([](int, int) {});
  for (const LoadMode mode : {LoadMode::RequestResponse, LoadMode::Stream}) {
    LoadPlan plan = load_plan(server.address(), mode);
    plan.warmup = 1h;
    plan.connections = 3;
    const LoadResult result = run(plan);
    CHECK(result.numbers.requests == 0);
    CHECK(failures_of(result.numbers) == 3);
  }
}

TEST_CASE("a request that began in the warm-up and loses its connection later is one failure") {
  const SmallServer server([](int socket, int) { await_end(socket); });
  LoadPlan plan = load_plan(server.address());
  plan.warmup = 50ms;
  plan.connect.timeout = 200ms;
  const LoadResult result = run(plan);
  CHECK(count_of(result.numbers, LoadFailure::TimedOut) == 1);
  CHECK(failures_of(result.numbers) == 1);
}

TEST_CASE("no reply is so long that the clock is not looked at") {
  const SmallServer server(answer_without_end);
  LoadPlan plan = load_plan(server.address());
  plan.reply = until("y");
  plan.count = 1;
  SECTION("a timeout bounds it") {
    plan.connect.timeout = 200ms;
    CHECK(failures_at_end(plan, LoadFailure::TimedOut) == 1);
  }
  SECTION("and so does the deadline") {
    plan.deadline = Clock::now() + 200ms;
    CHECK(failures_at_end(plan, LoadFailure::Unfinished) == 1);
  }
}

TEST_CASE("the rest of a request that was answered too early is not taken for the next one") {
  constexpr std::size_t kSize = 32U << 20;  // more than all buffers on the way
  const SmallServer server([](int socket, int) {
    take_little_at_once(socket);
    (void)read_bytes(socket, 1);
    write_bytes(socket, "!");
    await_end(socket);
  });
  LoadPlan plan = load_plan(server.address(), LoadMode::RequestResponse, kSize);
  plan.reply = {.kind = ReplyRule::Kind::Match, .text = "!"};
  plan.count = 3;
  const LoadResult result = run(plan);
  CHECK(result.numbers.requests == 3);
  CHECK(result.opened == 3);
}

TEST_CASE("a stream with nothing left to write waits for the others") {
  constexpr auto kTimeout = 200ms;
  const SmallServer server([&](int socket, int number) {
    if (number == 0) return await_end(socket);
    take_little_at_once(socket);
    while (read_bytes(socket, 50'000).size() == 50'000) std::this_thread::sleep_for(20ms);
  });
  LoadPlan plan = load_plan(server.address(), LoadMode::Stream, 1000);
  plan.connections = 2;
  plan.count = 20'000;
  plan.connect.timeout = kTimeout;
  const LoadResult result = run(plan);
  CHECK(result.numbers.requests == plan.count);
  CHECK(result.numbers.duration > 2 * kTimeout);
  CHECK(failures_of(result.numbers) == 0);
}

TEST_CASE("a stream whose connection is lost does not wait for what was lost with it") {
  const SmallServer server([](int socket, int number) {
    if (number == 0) return await_end(socket);
    (void)read_bytes(socket, 1000);
    reset_at_close(socket);
  });
  LoadPlan plan = load_plan(server.address(), LoadMode::Stream, 1000);
  plan.connections = 2;
  plan.count = 50'000;
  plan.deadline = Clock::now() + 1h;
  const LoadResult result = run(plan);
  CHECK(result.numbers.requests <= plan.count);
  CHECK(count_of(result.numbers, LoadFailure::TimedOut) == 0);
  CHECK(failures_of(result.numbers) == 1);
}

TEST_CASE("limits beyond all counting are none") {
  const SmallServer server([](int socket, int) { await_end(socket); });
  LoadPlan stream = load_plan(server.address(), LoadMode::Stream, 1U << 20);
  stream.count = UINT64_MAX / 4;
  stream.duration = 50ms;
  CHECK(run(stream).numbers.duration >= 50ms);

  const SmallServer echo([](int socket, int) {
    for (std::string got; !(got = read_bytes(socket, 64)).empty();) write_bytes(socket, got);
  });
  LoadPlan scheduled = load_plan(echo.address());
  scheduled.rate = 100;
  scheduled.deadline = Clock::now() + 100ms;
  for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{1'000'000'000'000'000}}) {
    scheduled.count = count;
    scheduled.deadline = Clock::now() + 100ms;
    const LoadResult result = run(scheduled);
    CHECK(result.deadline_passed);
    CHECK(result.numbers.requests >= 5);
  }
}
