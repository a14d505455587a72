#include "net/running_server.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

TEST_CASE("a server for so many connections ends after the last of them, on every thread") {
  ServePlan plan = loopback_plan();
  plan.settings = {setting("reuseport")};
  plan.threads = 3;
  plan.max_accepted = 4;
  Running running(plan);
  for (int n = 0; n < 4; ++n) CHECK(exchange(running.connect(), "x") == "x");
  const ServeSummary summary = running.wait();
  CHECK(summary.totals.accepted == 4);
  CHECK(summary.totals.open == 0);
}

TEST_CASE("a server for some time ends by itself and lets connections go on for the grace period") {
  ServePlan plan = loopback_plan();
  plan.duration = 50ms;
  plan.grace = 100ms;
  Running running(plan);
  const Connection silent = running.connect();
  const ServeSummary summary = running.wait();
  CHECK(running.events.drains == 1);
  CHECK(summary.duration >= 150ms);
  CHECK(summary.closed_by.at(static_cast<std::size_t>(CloseReason::Drained)) == 1);
}

TEST_CASE("a stopped server serves those who are there and refuses others") {
  Running running(loopback_plan());
  const Connection connection = running.connect();
  REQUIRE(::send(connection.socket(), "x", 1, MSG_NOSIGNAL) == 1);
  block(connection.socket());
  char byte = 0;
  REQUIRE(::recv(connection.socket(), &byte, 1, 0) == 1);
  running.server->stop();
  std::vector<Attempt> attempts;
  const auto until = Clock::now() + 20s;
  while (connect(std::vector{running.address}, {}, attempts)) REQUIRE(Clock::now() < until);
  CHECK(exchange(connection, "still here") == "still here");
  CHECK(running.wait().closed_by.at(static_cast<std::size_t>(CloseReason::Client)) >= 1);
}

TEST_CASE("a server drains once, whoever asks for it first") {
  ServePlan plan = loopback_plan();
  plan.duration = 20ms;
  plan.grace = 300ms;
  Running running(plan);
  const Connection silent = running.connect();
  while (running.events.drains == 0) std::this_thread::yield();
  running.server->stop();
  CHECK(running.wait().closed_by.at(static_cast<std::size_t>(CloseReason::Drained)) == 1);
  CHECK(running.events.drains == 1);
}

TEST_CASE("at its limit of bytes a connection gets all its answers, and a reset if it sent more") {
  ServePlan plan = loopback_plan();
  plan.max_bytes = 300'000;
  Running running(plan);
  const Connection connection = running.connect();
  block(connection.socket());
  const std::string data(1'000'000, 'x');
  std::thread writer([&] {
    for (std::size_t at = 0; at < data.size();) {
      const ssize_t sent = ::send(connection.socket(), data.data() + at, data.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) return;
      at += static_cast<std::size_t>(sent);
    }
  });
  const std::string echoed = read_all(connection.socket());
  writer.join();
  CHECK((echoed == data.substr(0, 300'000) + "reset"));
}

TEST_CASE("a client that sends exactly as much as it may is told the end") {
  ServePlan plan = loopback_plan();
  plan.max_bytes = 1 << 20;  // four reads: as many as a turn has
  for (const Service service : {Service::Echo, Service::Discard}) {
    plan.service = service;
    Running running(plan);
    const Connection connection = running.connect();
    block(connection.socket());
    const std::string data(plan.max_bytes, 'x');
    std::thread writer([&] { ::send(connection.socket(), data.data(), data.size(), MSG_NOSIGNAL); });
    CHECK(read_all(connection.socket()).size() == (service == Service::Echo ? data.size() : 0));
    writer.join();
  }
}

TEST_CASE("a pause that lasts is told, however soon it follows another one") {
  ServePlan plan = loopback_plan();
  plan.max_connections = 1;
  Running running(plan);
  const auto wait_for = [](const std::atomic<int>& number, int least) {
    const auto until = Clock::now() + 20s;
    while (number < least && Clock::now() < until) std::this_thread::sleep_for(5ms);
    CHECK(number == least);
  };
  std::optional<Connection> first = running.connect();
  const Connection second = running.connect();
  wait_for(running.events.pauses, 1);
  first.reset();
  wait_for(running.events.resumptions, 1);
  const Connection third = running.connect();
  wait_for(running.events.pauses, 2);
}

TEST_CASE("limits of centuries are kept like any other") {
  ServePlan plan = loopback_plan();
  plan.idle_timeout = Nanoseconds::max();
  plan.grace = Nanoseconds::max();
  plan.max_lifetime = Nanoseconds::max();
  Running running(plan);
  const Connection connection = running.connect();
  std::this_thread::sleep_for(1200ms);  // a tick, which must not take it for silent
  running.server->stop();
  CHECK(exchange(connection, "x") == "x");
  CHECK(running.wait().closed_by.at(static_cast<std::size_t>(CloseReason::Client)) == 1);
}
