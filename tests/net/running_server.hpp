#pragma once

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

/// A server in a thread of the test's, and clients of it.
namespace tcpkit::test {

using namespace std::chrono_literals;

inline Setting setting(std::string_view text) {
  const Result<Setting> parsed = parse_setting(text);
  REQUIRE(parsed);
  return *parsed;
}

inline ServePlan loopback_plan() {
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
  void paused(const Pause& /*pause*/) override { ++pauses; }
  void resumed() override { ++resumptions; }
  void draining(const ServeTotals& /*totals*/) override { ++drains; }

  std::mutex mutex;
  std::vector<bool> nodelay;
  std::vector<bool> quickack;
  std::string in;
  std::string out;
  std::vector<ClosedConnection> ends;
  std::atomic<int> drains = 0;
  std::atomic<int> pauses = 0;
  std::atomic<int> resumptions = 0;
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

  /// Stops it, once what its clients have sent and closed has been read.
  ServeSummary drain() {
    server->stop();
    return wait();
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

inline void block(int socket) {
  const timeval patience = {20, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::fcntl(socket, F_SETFL, 0);
}

/// Everything until the end of the stream; "reset" is appended where it ended so.
inline std::string read_all(int socket) {
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

inline std::string exchange(const Connection& connection, std::string_view bytes) {
  REQUIRE(::send(connection.socket(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  ::shutdown(connection.socket(), SHUT_WR);
  return read_all(connection.socket());
}

}  // namespace tcpkit::test
