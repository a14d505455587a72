#include "net/running_server.hpp"

#include "support/few_descriptors.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

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
  CHECK(exchange(running.connect(), "abcdefghij") == "abcdefghij");
  running.end();
  CHECK(running.events.in == "abcdefghabcdefghij");
  CHECK(running.events.out == "abcdefghabcdefghij");
  CHECK(running.summary.totals.requests == 4);
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

TEST_CASE("no descriptor for another thread is an error of opening") {
  if (kSanitizerNeedsDescriptors) return;
  ServePlan plan = loopback_plan();
  plan.settings = {setting("reuseport")};
  plan.threads = 4;
  const FewDescriptors few(9);
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

TEST_CASE("a source goes on for a client that only reads any more") {
  ServePlan plan = loopback_plan();
  plan.service = Service::Source;
  plan.max_bytes = 5'000'000;
  Running running(plan);
  CHECK(exchange(running.connect(), "").size() == 5'000'000);
  CHECK(running.end().closed_by.at(static_cast<std::size_t>(CloseReason::Served)) == 1);
}

TEST_CASE("a source ends with its client") {
  ServePlan plan = loopback_plan();
  plan.service = Service::Source;
  plan.max_accepted = 1;
  Running running(plan);
  {
    const Connection connection = running.connect();
    block(connection.socket());
    std::vector<char> some(100'000);
    REQUIRE(::recv(connection.socket(), some.data(), some.size(), MSG_WAITALL) == 100'000);
    ::shutdown(connection.socket(), SHUT_WR);
  }
  const ServeSummary summary = running.wait();
  CHECK(summary.totals.accepted == 1);
}

TEST_CASE("a connection that lingers on closing does not make others wait") {
  ServePlan plan = loopback_plan();
  plan.settings = {setting("linger=5s"), setting("sndbuf=16K")};
  Running running(plan);
  const Connection stubborn = running.connect();
  const std::string data(20'000, 'x');
  REQUIRE(::send(stubborn.socket(), data.data(), data.size(), MSG_NOSIGNAL) > 0);
  ::shutdown(stubborn.socket(), SHUT_WR);
  const auto begin = Clock::now();
  CHECK(exchange(running.connect(), "x") == "x");
  CHECK(Clock::now() - begin < 4s);
}

TEST_CASE("a plan that contradicts itself is refused") {
  const auto refused = [](ServePlan plan) {
    const Result<Server> server = Server::open(plan);
    return !server && server.error().code == Errc::bad_value;
  };
  CHECK(refused({}));
  ServePlan plan = loopback_plan();
  plan.threads = 0;
  CHECK(refused(plan));
  plan = loopback_plan();
  plan.request_bytes = 0;
  CHECK(refused(plan));
  plan = loopback_plan();
  plan.max_connections = 0;
  CHECK(refused(plan));
  plan = loopback_plan();
  plan.request_bytes = 64;
  plan.max_bytes = 100;
  CHECK(refused(plan));
}

TEST_CASE("of two settings of quick ACKs the last one counts") {
  ServePlan plan = loopback_plan();
  plan.settings = {setting("quickack=always"), setting("quickack=off")};
  Running running(plan);
  const Connection connection = running.connect();
  REQUIRE(::send(connection.socket(), "x", 1, MSG_NOSIGNAL) == 1);
  CHECK(exchange(connection, "y") == "xy");
  running.end();
  CHECK(running.events.quickack == std::vector{false});
}
