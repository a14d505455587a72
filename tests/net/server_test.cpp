#include <tcpkit/net/server.hpp>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <tcpkit/net/connect.hpp>
#include <tcpkit/sock/reading.hpp>

#include "os/descriptor.hpp"
#include "support/catch.hpp"
#include "support/few_descriptors.hpp"

using namespace tcpkit;
using namespace std::chrono_literals;

namespace {

Setting setting(std::string_view text) {
  const Result<Setting> parsed = parse_setting(text);
  REQUIRE(parsed);
  return *parsed;
}

ServePlan loopback_plan() {
  ServePlan plan;
  plan.addresses = {Endpoint::ipv4_loopback(0)};
  return plan;
}

struct Recorder : ServeEvents {
  void connected(int socket, const Endpoint& /*peer*/) override {
    const std::lock_guard lock(mutex);
    nodelay.push_back(read_option(socket, *find_option("nodelay")).value == Value(true));
    quickack.push_back(read_option(socket, *find_option("quickack")).value == Value(true));
  }
  void received(const Endpoint& /*peer*/, std::string_view bytes) override {
    const std::lock_guard lock(mutex);
    in += bytes;
  }
  void sent(const Endpoint& /*peer*/, std::string_view bytes) override {
    const std::lock_guard lock(mutex);
    out += bytes;
  }
  void closed(int /*socket*/, const ClosedConnection& connection) override {
    const std::lock_guard lock(mutex);
    ends.push_back(connection);
  }
  void draining(const ServeTotals& /*totals*/) override { ++drains; }

  std::mutex mutex;
  std::vector<bool> nodelay;
  std::vector<bool> quickack;
  std::string in;
  std::string out;
  std::vector<ClosedConnection> ends;
  std::atomic<int> drains = 0;
};

/// A server in a thread of its own, stopped at the end of the test.
struct Running {
  explicit Running(const ServePlan& plan) {
    Result<Server> opened = Server::open(plan);
    REQUIRE(opened);
    server.emplace(std::move(*opened));
    address = server->listeners().front().address;
    thread = std::thread([this] {
      Result<ServeSummary> done = server->run(events);
      if (done) summary = *done;
    });
  }
  ~Running() { end(); }

  ServeSummary end() {
    if (thread.joinable()) {
      server->stop();
      server->stop();
      thread.join();
    }
    return summary;
  }

  /// Waits for the server to end by itself.
  ServeSummary wait() {
    thread.join();
    return summary;
  }

  [[nodiscard]] Connection connect() const {
    std::vector<Attempt> attempts;
    Result<Connection> connection = tcpkit::connect(std::vector{address}, {}, attempts);
    REQUIRE(connection);
    return std::move(*connection);
  }

  Recorder events;
  std::optional<Server> server;
  Endpoint address;
  std::thread thread;
  ServeSummary summary;
};

void block(int socket) {
  const timeval patience = {20, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::fcntl(socket, F_SETFL, 0);
}

/// Everything until the end of the stream; "reset" is appended where it ended so.
std::string read_all(int socket) {
  block(socket);
  std::string all;
  std::vector<char> room(65536);
  for (;;) {
    const ssize_t got = ::recv(socket, room.data(), room.size(), 0);
    if (got > 0) all.append(room.data(), static_cast<std::size_t>(got));
    if (got == 0) return all;
    if (got < 0) return all + (errno == ECONNRESET ? "reset" : "timeout");
  }
}

std::string exchange(const Connection& connection, std::string_view bytes) {
  REQUIRE(::send(connection.socket(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  ::shutdown(connection.socket(), SHUT_WR);
  return read_all(connection.socket());
}

}  // namespace

TEST_CASE("an echo server returns everything before its own end of the stream") {
  Running running(loopback_plan());
  CHECK(exchange(running.connect(), "hello") == "hello");
  CHECK(exchange(running.connect(), "") == "");
  const ServeSummary summary = running.end();
  CHECK(summary.totals.accepted == 2);
  CHECK(summary.totals.bytes_received == 5);
  CHECK(summary.totals.bytes_sent == 5);
  CHECK(summary.closed_by.at(static_cast<std::size_t>(CloseReason::Client)) == 2);
}

TEST_CASE("what a client does not read yet waits, and is not lost") {
  Running running(loopback_plan());
  const Connection connection = running.connect();
  block(connection.socket());
  const std::string data(8'000'000, 'x');
  std::thread writer([&] {
    for (std::size_t at = 0; at < data.size();) {
      const ssize_t sent = ::send(connection.socket(), data.data() + at, data.size() - at, MSG_NOSIGNAL);
      if (sent <= 0) return;
      at += static_cast<std::size_t>(sent);
    }
    ::shutdown(connection.socket(), SHUT_WR);
  });
  const std::string echoed = read_all(connection.socket());
  writer.join();
  CHECK((echoed == data));
}

TEST_CASE("requests are answered when they are complete") {
  ServePlan plan = loopback_plan();
  plan.request_bytes = 4;
  plan.traffic_events = true;
  Running running(plan);
  CHECK(exchange(running.connect(), "abcdefgh") == "abcdefgh");
  CHECK(exchange(running.connect(), "abcdefghij") == "abcdefghreset");
  running.end();
  CHECK(running.events.in == "abcdefghabcdefghij");
  CHECK(running.events.out == "abcdefghabcdefgh");
}

TEST_CASE("a one-shot server answers the first bytes of what has come and ends without a reset") {
  ServePlan plan = loopback_plan();
  plan.one_shot_bytes = 3;
  Running running(plan);
  CHECK(exchange(running.connect(), "abcdefgh") == "abc");
  CHECK(exchange(running.connect(), "ab") == "ab");
}

TEST_CASE("a discarding server answers nothing") {
  ServePlan plan = loopback_plan();
  plan.service = Service::Discard;
  Running running(plan);
  CHECK(exchange(running.connect(), "abcdefgh") == "");
  CHECK(running.end().totals.bytes_received == 8);
}

TEST_CASE("a source sends RFC 864's lines, as many bytes as it may") {
  ServePlan plan = loopback_plan();
  plan.service = Service::Source;
  plan.max_bytes = 74 * 95 + 10;
  Running running(plan);
  const std::string lines = read_all(running.connect().socket());
  REQUIRE(lines.size() == 74 * 95 + 10);
  CHECK(lines.substr(0, 5) == " !\"#$");
  CHECK(lines.substr(72, 7) == "\r\n!\"#$%");
  CHECK(lines.substr(74 * 95) == lines.substr(0, 10));
}

TEST_CASE("options go to the listener, and to each connection what it does not hand down") {
  ServePlan plan = loopback_plan();
  plan.settings = {setting("nodelay"), setting("quickack=off")};
  Running running(plan);
  CHECK(exchange(running.connect(), "x") == "x");
  running.end();
  CHECK(running.events.nodelay == std::vector{true});
  CHECK(running.events.quickack == std::vector{false});
}

TEST_CASE("an option the kernel refuses keeps the server from opening") {
  ServePlan plan = loopback_plan();
  plan.settings = {setting("congestion=nosuch")};
  const Result<Server> server = Server::open(plan);
  REQUIRE_FALSE(server);
  CHECK(server.error().code == Errc::bad_value);
}

TEST_CASE("an address in use keeps the server from opening") {
  ServePlan plan = loopback_plan();
  const Result<Server> first = Server::open(plan);
  REQUIRE(first);
  plan.addresses = {first->listeners().front().address};
  const Result<Server> second = Server::open(plan);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == std::errc::address_in_use);
}

TEST_CASE("addresses without a port share one") {
  ServePlan plan = loopback_plan();
  plan.addresses.push_back(Endpoint::ipv6_loopback(0));
  const Result<Server> server = Server::open(plan);
  REQUIRE(server);
  REQUIRE(server->listeners().size() == 2);
  CHECK(server->listeners()[0].address.port() != 0);
  CHECK(server->listeners()[0].address.port() == server->listeners()[1].address.port());
}

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
  while (connect(std::vector{running.address}, {}, attempts)) {  // until the worker has heard of it
  }
  CHECK(exchange(connection, "still here") == "still here");
  CHECK(running.wait().closed_by.at(static_cast<std::size_t>(CloseReason::Client)) >= 1);
}

TEST_CASE("no descriptor for another thread is an error of opening") {
  if (test::kSanitizerNeedsDescriptors) return;
  ServePlan plan = loopback_plan();
  plan.settings = {setting("reuseport")};
  plan.threads = 4;
  const test::FewDescriptors few(9);
  const Result<Server> server = Server::open(plan);
  REQUIRE_FALSE(server);
  CHECK(server.error().code == std::errc::too_many_files_open);
}

TEST_CASE("urgent bytes are echoed like any other") {
  Running running(loopback_plan());
  const Connection connection = running.connect();
  REQUIRE(::send(connection.socket(), "ab", 2, MSG_NOSIGNAL) == 2);
  REQUIRE(::send(connection.socket(), "!", 1, MSG_NOSIGNAL | MSG_OOB) == 1);
  CHECK(exchange(connection, "cd") == "ab!cd");
}

TEST_CASE("a link-local address without its interface is named as what is wrong") {
  ServePlan plan;
  const sockaddr_in6 raw = {AF_INET6, 0, 0, {{{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}}, 0};
  plan.addresses = {Endpoint(reinterpret_cast<const sockaddr*>(&raw), sizeof(raw))};
  const Result<Server> server = Server::open(plan);
  REQUIRE_FALSE(server);
  CHECK(server.error().code == Errc::bad_value);
  CHECK(server.error().doing.find("[fe80::1%eth0]:0") != std::string::npos);
}

TEST_CASE("a server sets for its own work what nobody asked otherwise for") {
  ServePlan plan = loopback_plan();
  const auto names = [&](const Endpoint& address) {
    std::vector<std::string> texts;
    for (const Setting& one : settings_for(plan, address)) texts.push_back(one.text);
    return texts;
  };
  plan.settings = {setting("nodelay")};
  CHECK(names(Endpoint::ipv4_loopback(0)) == std::vector<std::string>{"oobinline", "nodelay"});
  CHECK(names(Endpoint::ipv6_loopback(0)) == std::vector<std::string>{"oobinline", "v6only", "nodelay"});
  plan.settings = {setting("v6only=off")};
  plan.one_shot_bytes = 100;
  CHECK(names(Endpoint::ipv6_loopback(0)) == std::vector<std::string>{"v6only=off"});
  CHECK(names(Endpoint::ipv4_loopback(0)) == std::vector<std::string>{"v6only=off"});
  plan.addresses.push_back(Endpoint::ipv6_loopback(0));
  CHECK(names(Endpoint::ipv4_loopback(0)).empty());
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
