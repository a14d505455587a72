#include "probe_traffic.hpp"

#include <array>
#include <cerrno>
#include <string>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/catch.hpp"

namespace {

using tcpkit::Clock;

/// Two ends of a stream, the peer's and ours.
class Stream {
 public:
  Stream() { REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_.data()) == 0); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() {
    close_peer();
    ::close(ends_[0]);
  }

  [[nodiscard]] int ours() const { return ends_[0]; }
  void close_peer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  std::string peer_reads() {
    std::string bytes(1 << 20, '\0');
    const ssize_t got = ::recv(ends_[1], bytes.data(), bytes.size(), 0);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }
  void peer_sends(const std::string& bytes) {
    REQUIRE(::send(ends_[1], bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  }

 private:
  std::array<int, 2> ends_{};
};

}  // namespace

TEST_CASE("without an echo nothing is sent, and what comes is read away") {
  Stream stream;
  WatchTraffic traffic(stream.ours(), std::nullopt);
  CHECK_FALSE(traffic.send_next(Clock::now()));
  CHECK(stream.peer_reads().empty());
  CHECK(traffic.events() == POLLIN);
  CHECK_FALSE(traffic.echo(Clock::now()));
  stream.peer_sends("hello");
  CHECK_FALSE(traffic.move());
  char left = 0;
  CHECK(::recv(stream.ours(), &left, 1, MSG_DONTWAIT) == -1);
}

TEST_CASE("the next message is sent when the one before has come back") {
  Stream stream;
  WatchTraffic traffic(stream.ours(), 100);
  const auto begin = Clock::now();
  CHECK_FALSE(traffic.send_next(begin));
  CHECK_FALSE(traffic.send_next(begin));
  const std::string first = stream.peer_reads();
  REQUIRE(first.size() == 100);
  stream.peer_sends(first.substr(0, 60));
  CHECK_FALSE(traffic.move());
  CHECK_FALSE(traffic.send_next(Clock::now()));
  CHECK(stream.peer_reads().empty());
  auto numbers = traffic.echo(begin + std::chrono::seconds(2));
  CHECK((numbers->messages == 1 && numbers->returned == 0 && numbers->outstanding_bytes == 40));
  CHECK(numbers->waited == std::chrono::seconds(2));
  CHECK_FALSE(numbers->last);

  stream.peer_sends(first.substr(60));
  CHECK_FALSE(traffic.move());
  numbers = traffic.echo(Clock::now());
  CHECK((numbers->returned == 1 && numbers->outstanding_bytes == 0 && numbers->last && !numbers->waited));
  CHECK_FALSE(traffic.send_next(Clock::now()));
  const std::string second = stream.peer_reads();
  CHECK(second.size() == 100);
  CHECK(second != first);
}

TEST_CASE("what was not sent is no echo: changed, repeated or out of nothing") {
  for (const int kind : {0, 1, 2}) {
    CAPTURE(kind);
    Stream stream;
    WatchTraffic traffic(stream.ours(), 200);
    if (kind < 2) CHECK_FALSE(traffic.send_next(Clock::now()));
    std::string bytes = stream.peer_reads();
    if (kind == 0) bytes[150] = '!';
    if (kind == 1) bytes += bytes;
    if (kind == 2) bytes = "SSH-2.0";
    stream.peer_sends(bytes);
    const auto end = traffic.move();
    REQUIRE(end);
    CHECK(end->how == WatchEnding::Differs);
  }
}

TEST_CASE("a message larger than the buffers goes out as there is room") {
  constexpr std::uint64_t kBytes = 4 << 20;
  Stream stream;
  WatchTraffic traffic(stream.ours(), kBytes);
  CHECK_FALSE(traffic.send_next(Clock::now()));
  CHECK(traffic.events() == (POLLIN | POLLOUT));
  while (traffic.echo(Clock::now())->returned == 0) {
    const std::string bytes = stream.peer_reads();
    for (std::size_t at = 0; at < bytes.size(); at += 4096) stream.peer_sends(bytes.substr(at, 4096)), traffic.move();
    REQUIRE_FALSE(traffic.move());
  }
  CHECK(traffic.events() == POLLIN);
}

TEST_CASE("a peer that closed is told from a connection that was lost") {
  Stream closed;
  closed.close_peer();
  WatchTraffic silent(closed.ours(), std::nullopt);
  const auto end = silent.move();
  REQUIRE(end);
  CHECK(end->how == WatchEnding::Closed);

  WatchTraffic sending(closed.ours(), 10);
  const auto lost = sending.send_next(Clock::now());
  REQUIRE(lost);
  CHECK((lost->how == WatchEnding::Lost && lost->errno_value == EPIPE));
}
