#include "net/silence.hpp"

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/catch.hpp"

using namespace tcpkit;
using namespace std::chrono_literals;

namespace {

/// Both ends of a connection over loopback: the server's, which does not block, and the client's.
struct Ends {
  os::Descriptor server;
  os::Descriptor client;
};

Ends connected_ends() {
  const os::Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const Endpoint any = Endpoint::ipv4_loopback(0);
  REQUIRE(::bind(listener.get(), any.data(), any.size()) == 0);
  REQUIRE(::listen(listener.get(), 1) == 0);
  const Endpoint there = local_endpoint(listener.get());
  Ends ends{os::Descriptor(), os::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))};
  REQUIRE(::connect(ends.client.get(), there.data(), there.size()) == 0);
  ends.server = os::Descriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  REQUIRE(ends.server);
  return ends;
}

/// Silence with a clock that the test turns.
struct Watch {
  explicit Watch(Nanoseconds timeout) : silence(timeout, 1s) {}

  Session& add(os::Descriptor socket) { return silence.add(std::move(socket), Endpoint(), now); }

  /// How many are cut when this much time passes, ticked as a worker does.
  std::size_t pass(std::chrono::seconds time) {
    std::size_t cut = 0;
    for (auto left = time; left > 0s; left -= 1s) {
      now += 1s;
      silence.cut_silent(now, [&](Session& session) {
        silence.erase(session);
        ++cut;
      });
    }
    return cut;
  }

  Silence silence;
  Clock::time_point now{};
};

/// Sends until the kernel takes no more; how much that was.
std::size_t fill(int socket) {
  const std::string block(65536, 'x');
  std::size_t sent = 0;
  for (ssize_t done = 0; (done = ::send(socket, block.data(), block.size(), MSG_NOSIGNAL)) > 0;) {
    sent += static_cast<std::size_t>(done);
  }
  return sent;
}

}  // namespace

TEST_CASE("a connection on which nothing ever moves is cut after the timeout, and not before") {
  Watch watch(10s);
  watch.add(connected_ends().server);
  CHECK(watch.pass(9s) == 0);
  CHECK(watch.pass(2s) == 1);
  CHECK(watch.silence.size() == 0);
}

TEST_CASE("a connection that moves a byte now and then is kept") {
  Watch watch(10s);
  const Ends ends = connected_ends();
  Session& session = watch.add(os::Descriptor(::dup(ends.server.get())));
  for (int n = 0; n < 5; ++n) {
    CHECK(watch.pass(8s) == 0);
    watch.silence.moved(session, watch.now);
  }
  CHECK(watch.pass(9s) == 0);
  CHECK(watch.pass(2s) == 1);
}

TEST_CASE("of many connections only the silent ones are cut") {
  Watch watch(10s);
  std::vector<Session*> sessions;
  for (int n = 0; n < 20; ++n) sessions.push_back(&watch.add(connected_ends().server));
  watch.pass(5s);
  for (std::size_t n = 0; n < sessions.size(); n += 2) watch.silence.moved(*sessions[n], watch.now);
  CHECK(watch.pass(6s) == 10);
  CHECK(watch.silence.size() == 10);
  CHECK(watch.pass(5s) == 10);
}

TEST_CASE("without a timeout nobody is cut") {
  Watch watch(0s);
  watch.add(connected_ends().server);
  CHECK(watch.pass(1000s) == 0);
}

TEST_CASE("a client that never reads is cut a timeout after the kernel could pass on the last byte") {
  Watch watch(10s);
  Ends ends = connected_ends();
  REQUIRE(fill(ends.server.get()) > 0);
  watch.add(std::move(ends.server));
  CHECK(watch.pass(9s) == 0);
  CHECK(watch.pass(2s) == 1);
}

TEST_CASE("a client that reads slowly is kept as long as it reads") {
  Watch watch(10s);
  Ends ends = connected_ends();
  const std::size_t sent = fill(ends.server.get());
  watch.add(std::move(ends.server));
  std::vector<char> room(sent / 8);
  for (int n = 0; n < 4; ++n) {
    CHECK(watch.pass(8s) == 0);
    REQUIRE(::recv(ends.client.get(), room.data(), room.size(), MSG_WAITALL) > 0);
    // The window update and what it lets through are the kernel's work of this moment, on loopback.
  }
  CHECK(watch.pass(8s) == 0);
  CHECK(watch.pass(4s) == 1);
}

TEST_CASE("time that the server was stopped is nobody's silence, and only that") {
  Watch watch(10s);
  watch.add(connected_ends().server);
  Session& later = watch.add(connected_ends().server);
  CHECK(watch.pass(5s) == 0);
  watch.now += 30s;
  watch.silence.moved(later, watch.now);  // told before the tick
  watch.silence.forgive(30s, watch.now);
  CHECK(watch.pass(4s) == 0);
  CHECK(watch.pass(2s) == 1);
  CHECK(watch.pass(3s) == 0);
  CHECK(watch.pass(2s) == 1);
}

TEST_CASE("visiting all connections may erase any of them") {
  Watch watch(10s);
  for (int n = 0; n < 5; ++n) watch.add(connected_ends().server);
  int visited = 0;
  watch.silence.for_each([&](Session& session) {
    if (++visited % 2 == 0) watch.silence.erase(session);
  });
  CHECK(visited == 5);
  CHECK(watch.silence.size() == 3);
}
