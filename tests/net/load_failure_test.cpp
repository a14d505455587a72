#include <tcpkit/net/load.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>

#include <tcpkit/net/target.hpp>

#include "net/load_run.hpp"
#include "net/running_server.hpp"
#include "net/small_server.hpp"
#include "support/catch.hpp"
#include "support/few_descriptors.hpp"

using namespace tcpkit;
using namespace tcpkit::test;
using namespace std::chrono_literals;

namespace {

/// Answers each request of 64 bytes with these, on each connection so often; -1: for ever.
SmallServer::Handler answering(std::string answer, int times = -1) {
  return [answer = std::move(answer), times](int socket, int) {
    for (int n = 0; n != times && read_bytes(socket, 64).size() == 64; ++n) write_bytes(socket, answer);
  };
}

LoadPlan plan_of(const SmallServer& server, std::uint64_t count, std::string_view rule = "echo") {
  LoadPlan plan = load_plan(server.address());
  plan.count = count;
  const Result<ReplyRule> reply = parse_reply_rule(rule);
  REQUIRE(reply);
  plan.reply = *reply;
  return plan;
}

std::string echo() {
  return load_plan({}).request;
}

/// All failures are of this kind.
void check_only(const LoadNumbers& numbers, LoadFailure failure, std::uint64_t times) {
  CHECK(count_of(numbers, failure) == times);
  CHECK(failures_of(numbers) == times);
}

/// The server goes away when the first interval is reported.
struct LeaveAtReport : LoadEvents {
  explicit LeaveAtReport(SmallServer& leaving) : server(leaving) {}
  void interval(const LoadNumbers& /*numbers*/) override { server.leave(); }
  SmallServer& server;
};

}  // namespace

TEST_CASE("a load that nobody listens for is refused when it is opened") {
  const os::Descriptor port = loopback_listener(0);
  std::vector<Attempt> attempts;
  const auto load = Load::open(load_plan(local_endpoint(port.get())), attempts);
  REQUIRE_FALSE(load);
  CHECK(load.error().code == std::errc::connection_refused);
  CHECK(attempts.size() == 1);
}

TEST_CASE("the first address that answers is used for all connections") {
  const os::Descriptor closed = loopback_listener(0);
  const SmallServer server(answering(echo()));
  LoadPlan plan = plan_of(server, 10);
  plan.addresses = {local_endpoint(closed.get()), server.address()};
  plan.connections = 3;
  std::vector<Attempt> attempts;
  Result<Load> load = Load::open(plan, attempts);
  REQUIRE(load);
  CHECK(attempts.size() == 2);
  LoadEvents nobody;
  const Result<LoadResult> result = load->run(nobody);
  REQUIRE(result);
  CHECK(result->numbers.requests == 10);
  CHECK(result->peer == server.address());
}

TEST_CASE("a server that ends the connection instead of answering fails the request") {
  const SmallServer server([](int socket, int) { read_bytes(socket, 64); });
  const LoadResult result = run(plan_of(server, 5));
  CHECK(result.numbers.requests == 0);
  check_only(result.numbers, LoadFailure::Ended, 1);  // no second try with one that never answered
  REQUIRE(result.first_failure);
  CHECK(result.first_failure->hint == "the server ended the connection after 0 of 64 bytes");
}

TEST_CASE("a reply that ends early is told with its length, and the next request has a connection of its own") {
  const SmallServer server([](int socket, int number) {
    for (int n = 0; read_bytes(socket, 64).size() == 64; ++n) {
      const bool cut = number == 0 && n == 1;
      write_bytes(socket, cut ? echo().substr(0, 10) : echo());
      if (cut) return;
    }
  });
  const LoadResult result = run(plan_of(server, 5));
  CHECK(result.numbers.requests == 4);
  check_only(result.numbers, LoadFailure::Ended, 1);
  CHECK(result.reopened == 1);
  CHECK(result.first_failure->hint == "the server ended the connection after 10 of 64 bytes");
}

TEST_CASE("a connection that is reset fails its request as reset") {
  const SmallServer server([](int socket, int) {
    read_bytes(socket, 64);
    reset_at_close(socket);
  });
  const LoadResult result = run(plan_of(server, 5));
  CHECK(result.numbers.requests == 0);
  check_only(result.numbers, LoadFailure::Reset, 1);
  CHECK(result.first_failure->code == std::errc::connection_reset);
  CHECK(result.numbers.lifetime.count() == 1);
}

TEST_CASE("a silent server is given the timeout") {
  const SmallServer server([](int socket, int) { await_end(socket); });
  LoadPlan plan = plan_of(server, 3);
  plan.connect.timeout = 100ms;
  plan.connections = 2;
  const LoadResult result = run(plan);
  CHECK(result.numbers.requests == 0);
  check_only(result.numbers, LoadFailure::TimedOut, 2);
  CHECK(result.first_failure->code == std::errc::timed_out);
  CHECK(result.numbers.duration >= 100ms);
}

TEST_CASE("a source that sends nothing is given the timeout, and no request is told of") {
  const SmallServer server([](int socket, int) { read_bytes(socket, 1); });
  LoadPlan plan = load_plan(server.address(), LoadMode::Stream);
  plan.reversed = true;
  plan.connect.timeout = 50ms;
  const LoadResult result = run(plan);
  REQUIRE(result.first_failure);
  CHECK(result.first_failure->code == std::errc::timed_out);
  CHECK(result.first_failure->doing.starts_with("connection to "));
  CHECK(result.first_failure->hint == "no byte came, and none was acknowledged, for that long");
}

TEST_CASE("a wrong byte is found wherever it is, and told") {
  for (const std::size_t offset : {0U, 1U, 63U}) {
    std::string wrong = echo();
    wrong[offset] = '#';
    const SmallServer server(answering(wrong));
    const LoadResult result = run(plan_of(server, 1));
    check_only(result.numbers, LoadFailure::Wrong, 1);
    CHECK(result.first_failure->hint == "it differs from what is expected at byte " + std::to_string(offset));
  }
}

TEST_CASE("a wrong byte is found in a long reply that comes in pieces") {
  constexpr std::size_t kSize = 1'000'000;
  constexpr std::size_t kOffset = 777'777;
  const SmallServer server([](int socket, int) {
    std::string request = read_bytes(socket, kSize);
    request[kOffset] = '#';
    write_bytes(socket, request);
    await_end(socket);
  });
  LoadPlan plan = load_plan(server.address(), LoadMode::RequestResponse, kSize);
  plan.count = 1;
  const LoadResult result = run(plan);
  check_only(result.numbers, LoadFailure::Wrong, 1);
  CHECK(result.first_failure->hint == "it differs from what is expected at byte 777777");
}

TEST_CASE("a reply with more behind it is longer than asked for") {
  const SmallServer server(answering(echo() + "more"));
  const LoadResult result = run(plan_of(server, 1));
  check_only(result.numbers, LoadFailure::Longer, 1);
  CHECK(result.first_failure->hint == "more came than the reply");
}

TEST_CASE("what comes between two requests, asked for by none, is longer than asked for") {
  const SmallServer server([](int socket, int) {
    read_bytes(socket, 64);
    write_bytes(socket, echo());
    std::this_thread::sleep_for(30ms);
    write_bytes(socket, "more");
    await_end(socket);
  });
  LoadPlan plan = plan_of(server, 20);
  plan.rate = 10;
  plan.count = 2;
  plan.connect.timeout = 300ms;
  const LoadResult result = run(plan);
  CHECK(result.numbers.requests >= 1);
  CHECK(count_of(result.numbers, LoadFailure::Longer) == 1);
}

TEST_CASE("a server that ends each connection after its reply gets a new one for each request") {
  const SmallServer server([](int socket, int) {
    read_bytes(socket, 64);
    write_bytes(socket, echo());
    ::shutdown(socket, SHUT_WR);
    await_end(socket);  // closed at once, with the next request unread, it would be reset
  });
  const LoadResult result = run(plan_of(server, 10));
  CHECK(result.numbers.requests == 10);
  CHECK(failures_of(result.numbers) == 0);
  CHECK(result.opened == 10);
  CHECK(result.reopened == 9);
  CHECK_FALSE(result.first_failure);
}

TEST_CASE("a reset is a failure also where a reply came before, and the next request has a new connection") {
  const SmallServer server([](int socket, int) {
    read_bytes(socket, 64);
    write_bytes(socket, echo());
    read_bytes(socket, 64);
    reset_at_close(socket);
  });
  const LoadResult result = run(plan_of(server, 10));
  CHECK(result.numbers.requests == 5);
  check_only(result.numbers, LoadFailure::Reset, 5);
  CHECK(result.reopened == 4);
  CHECK(result.numbers.lifetime.count() == 5);
}

TEST_CASE("a server that goes away while it is measured fails what it no longer answers, and the run ends") {
  SmallServer server(answering(echo()));
  LoadPlan plan = plan_of(server, 0);
  plan.connections = 4;
  plan.duration = 1h;
  plan.report_interval = 20ms;
  LeaveAtReport events(server);
  const LoadResult result = run(plan, events);
  CHECK(result.numbers.requests > 0);
  CHECK(failures_of(result.numbers) >= 1);
  CHECK(failures_of(result.numbers) <= 8);
  CHECK_FALSE(result.stopped);
  CHECK_FALSE(result.deadline_passed);
}

TEST_CASE("a connection for each request goes on trying when the server is gone") {
  SmallServer server(answering(echo(), 1));
  LoadPlan plan = plan_of(server, 6);
  plan.mode = LoadMode::ConnectRequestResponse;
  Load load = opened(plan);
  server.stop_listening();
  LoadEvents nobody;
  const Result<LoadResult> result = load.run(nobody);
  REQUIRE(result);
  CHECK(result->numbers.requests == 0);
  check_only(result->numbers, LoadFailure::Connect, 6);
  CHECK(result->first_failure->code == std::errc::connection_refused);
}

TEST_CASE("a reply may be told by its end, its length, its text, or by nothing") {
  const auto [rule, answer] = GENERATE(table<std::string, std::string>({
      {"until:\\r\\n", "+OK\r\n"},
      {"until:ab", "aab"},
      {"bytes:5", "12345"},
      {"match:PONG", "PONG"},
      {"any", "whatever"},
  }));
  CAPTURE(rule);
  const SmallServer server(answering(answer));
  const LoadResult result = run(plan_of(server, 10, rule));
  CHECK(result.numbers.requests == 10);
  CHECK(failures_of(result.numbers) == 0);
  CHECK(result.numbers.bytes_received == 10 * answer.size());
}

TEST_CASE("a reply that the rule does not allow fails as what it is") {
  const auto [rule, answer, failure] = GENERATE(table<std::string, std::string, LoadFailure>({
      {"until:\\n", "one\ntwo", LoadFailure::Longer},
      {"until:\\n", "no end", LoadFailure::Ended},
      {"bytes:5", "123456", LoadFailure::Longer},
      {"bytes:5", "1234", LoadFailure::Ended},
      {"match:PONG", "PINK", LoadFailure::Wrong},
      {"match:PONG", "PO", LoadFailure::Ended},
      {"any", "", LoadFailure::Ended},
  }));
  CAPTURE(rule);
  const SmallServer server(answering(answer, 1));
  const LoadResult result = run(plan_of(server, 1, rule));
  CHECK(result.numbers.requests == 0);
  check_only(result.numbers, failure, 1);
}

TEST_CASE("a reply in pieces is complete with its last one, and counted as such") {
  const SmallServer server([](int socket, int) {
    while (read_bytes(socket, 64).size() == 64) {
      write_bytes(socket, echo().substr(0, 20));
      std::this_thread::sleep_for(5ms);
      write_bytes(socket, echo().substr(20));
    }
  });
  const LoadResult result = run(plan_of(server, 4));
  CHECK(result.numbers.requests == 4);
  CHECK(result.numbers.in_pieces >= 1);
  CHECK(result.numbers.latency.max() >= 5ms);
}

TEST_CASE("a request that no window takes at once is sent while its reply is read") {
  const Running server(loopback_plan());
  LoadPlan plan = load_plan(server.address, LoadMode::RequestResponse, 20'000'000);
  plan.count = 2;
  const LoadResult result = run(plan);
  CHECK(result.numbers.requests == 2);
  CHECK(result.numbers.bytes_sent == 40'000'000);
  CHECK(result.numbers.bytes_received == 40'000'000);
}

TEST_CASE("all connections come from the source that was asked for") {
  const SmallServer server([](int socket, int) {
    const std::string from = peer_endpoint(socket).address();
    while (read_bytes(socket, 64).size() == 64) write_bytes(socket, from);
  });
  LoadPlan plan = plan_of(server, 10, "match:127.0.0.9");
  const Result<Endpoint> source = parse_source("127.0.0.9");
  REQUIRE(source);
  plan.connect.source = *source;
  plan.connections = 3;
  const LoadResult result = run(plan);
  CHECK(result.numbers.requests == 10);
  CHECK(result.local.address() == "127.0.0.9");
}

TEST_CASE("descriptors that run out fail the opening, and say which connection had none") {
  if (kSanitizerNeedsDescriptors) return;
  const os::Descriptor listener = loopback_listener();
  LoadPlan plan = load_plan(local_endpoint(listener.get()), LoadMode::Idle);
  plan.connections = 10;
  const FewDescriptors few(8);  // epoll, eventfd and timerfd take three
  std::vector<Attempt> attempts;
  const auto load = Load::open(plan, attempts);
  REQUIRE_FALSE(load);
  CHECK(load.error().code == std::errc::too_many_files_open);
  CHECK(load.error().doing.find("(connection 6 of 10)") != std::string::npos);
}

TEST_CASE("failures have names for people") {
  std::string names;
  for (const LoadFailure failure : kLoadFailures) names += std::string(load_failure_name(failure)) + " ";
  CHECK(names == "connect ended reset timeout wrong longer unfinished ");
}
