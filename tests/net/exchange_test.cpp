#include <tcpkit/net/exchange.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tcpkit/net/connect.hpp>

#include "net/running_server.hpp"
#include "os/descriptor.hpp"
#include "support/catch.hpp"

using namespace tcpkit;
using namespace std::chrono_literals;

namespace {

using ReplyKind = ReplyRule::Kind;

/// Gives a text in pieces.
class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string_view text, std::size_t piece = SIZE_MAX) : text_(text), piece_(piece) {}
  [[nodiscard]] int descriptor() const noexcept override { return -1; }
  Result<std::size_t> read(std::span<char> room) override {
    const std::size_t count = std::min({text_.size(), room.size(), piece_});
    text_.copy(room.data(), count);
    text_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view text_;
  std::size_t piece_;
};

class TextSink final : public ByteSink {
 public:
  [[nodiscard]] int descriptor() const noexcept override { return -1; }
  std::size_t write(std::string_view bytes) override {
    text += bytes;
    return bytes.size();
  }
  std::string text;
};

/// One end of a pipe as a source or a sink.
class PipeSource final : public ByteSource {
 public:
  explicit PipeSource(int pipe) : pipe_(pipe) {}
  [[nodiscard]] int descriptor() const noexcept override { return pipe_; }
  Result<std::size_t> read(std::span<char> room) override {
    const ssize_t got = ::read(pipe_, room.data(), room.size());
    if (got < 0) return system_error(errno, "read");
    return static_cast<std::size_t>(got);
  }

 private:
  int pipe_;
};

class PipeSink final : public ByteSink {
 public:
  explicit PipeSink(int pipe) : pipe_(pipe) {}
  [[nodiscard]] int descriptor() const noexcept override { return pipe_; }
  std::size_t write(std::string_view bytes) override {
    const ssize_t written = ::write(pipe_, bytes.data(), std::min<std::size_t>(bytes.size(), 4096));
    return written > 0 ? static_cast<std::size_t>(written) : 0;
  }

 private:
  int pipe_;
};

struct Pipe {
  Pipe() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    out = os::Descriptor(ends[0]);
    in = os::Descriptor(ends[1]);
  }
  os::Descriptor out;
  os::Descriptor in;
};

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string receive(int socket, std::size_t count) {
  std::string bytes(count, '\0');
  const ssize_t got = ::recv(socket, bytes.data(), count, MSG_WAITALL);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

void reset(int socket) {
  const linger hard = {1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

/// A connection to a peer that does what the test says, in a thread of its own.
class Peer {
 public:
  explicit Peer(std::function<void(int socket)> role, int buffer = 0) {
    os::Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (buffer != 0) ::setsockopt(listener.get(), SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
    const Endpoint any = Endpoint::ipv4_loopback(0);
    REQUIRE(::bind(listener.get(), any.data(), any.size()) == 0);
    REQUIRE(::listen(listener.get(), 1) == 0);
    std::vector<Attempt> attempts;
    Result<Connection> made = connect(std::vector{local_endpoint(listener.get())}, {}, attempts);
    REQUIRE(made);
    connection_.emplace(std::move(*made));
    thread_ = std::thread([role = std::move(role), socket = ::accept(listener.get(), nullptr, nullptr)] {
      const timeval patience = {20, 0};
      ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
      role(socket);
      ::close(socket);
    });
  }
  ~Peer() {
    hang_up();
    thread_.join();
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  [[nodiscard]] int socket() const { return connection_->socket(); }
  void hang_up() {
    reset(connection_->socket());
    connection_.reset();
  }

 private:
  std::optional<Connection> connection_;
  std::thread thread_;
};

ExchangePlan expecting(ReplyKind kind, std::string text = {}, std::uint64_t bytes = 0) {
  ExchangePlan plan;
  plan.reply = {kind, std::move(text), bytes};
  plan.timeout = 20s;
  return plan;
}

struct Told {
  ExchangeResult result;
  std::string reply;
};

Told exchange(Conversation& conversation, const ExchangePlan& plan, std::string_view message) {
  TextSource source(message);
  TextSink sink;
  const ExchangeResult result = conversation.exchange(plan, source, sink);
  return {result, sink.text};
}

Told exchange(const Peer& peer, const ExchangePlan& plan, std::string_view message) {
  Conversation conversation(peer.socket());
  return exchange(conversation, plan, message);
}

/// Answers `count` bytes with `reply`, and goes when the client does.
auto answering(std::size_t count, std::string reply) {
  return [=](int socket) {
    receive(socket, count);
    send_all(socket, reply);
    receive(socket, 1);
  };
}

auto ending(std::size_t count, std::string reply) {
  return [=](int socket) {
    receive(socket, count);
    send_all(socket, reply);
  };
}

std::string many(std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t at = 0; at < count; ++at) bytes[at] = static_cast<char>(at * 2654435761U >> 13);
  return bytes;
}

}  // namespace

TEST_CASE("an echo that is what was sent is right") {
  const Peer peer(answering(5, "hello"));
  const Told told = exchange(peer, expecting(ReplyKind::Echo), "hello");
  CHECK(told.result.verdict == Verdict::Right);
  CHECK(told.reply == "hello");
  CHECK(told.result.bytes_sent == 5);
  CHECK(told.result.bytes_received == 5);
  CHECK(told.result.expected == 5U);
  CHECK(told.result.duration > 0ns);
}

TEST_CASE("an echo that differs says where, and with which bytes") {
  const Peer peer(answering(5, "heLLo"));
  const Told told = exchange(peer, expecting(ReplyKind::Echo), "hello");
  CHECK(told.result.verdict == Verdict::Differs);
  REQUIRE(told.result.difference);
  CHECK(told.result.difference->offset == 2);
  CHECK(told.result.difference->expected == 'l');
  CHECK(told.result.difference->got == 'L');
  CHECK(told.reply == "heLLo");
}

TEST_CASE("an echo that ends early is short, and what came of it is handed on") {
  const Peer peer(ending(5, "hel"));
  const Told told = exchange(peer, expecting(ReplyKind::Echo), "hello");
  CHECK(told.result.verdict == Verdict::Short);
  CHECK(told.result.bytes_received == 3);
  CHECK(told.result.expected == 5U);
  CHECK(told.reply == "hel");
}

TEST_CASE("an echo with more behind it is longer") {
  const Peer peer(answering(5, "hello!"));
  const Told told = exchange(peer, expecting(ReplyKind::Echo), "hello");
  CHECK(told.result.verdict == Verdict::Longer);
  CHECK(told.result.bytes_received == 6);
  CHECK(told.reply == "hello!");
}

TEST_CASE("bytes that were never sent are no echo") {
  const Peer peer([](int socket) {
    send_all(socket, "banner");
    receive(socket, 1);
  });
  Pipe pipe;
  PipeSource source(pipe.out.get());
  TextSink sink;
  Conversation conversation(peer.socket());
  CHECK(conversation.exchange(expecting(ReplyKind::Echo), source, sink).verdict == Verdict::Longer);
}

TEST_CASE("the echo of nothing is nothing, at once") {
  const Peer peer(answering(1, ""));
  const Told told = exchange(peer, expecting(ReplyKind::Echo), "");
  CHECK(told.result.verdict == Verdict::Right);
  CHECK(told.result.bytes_received == 0);
}

TEST_CASE("with a half-close the whole stream is judged") {
  ExchangePlan plan = expecting(ReplyKind::Echo);
  plan.half_close = true;
  SECTION("an end at the last byte is right") {
    const Peer peer(ending(6, "hello"));
    CHECK(exchange(peer, plan, "hello").result.verdict == Verdict::Right);
  }
  SECTION("a byte behind it is not") {
    const Peer peer(ending(6, "hello!"));
    CHECK(exchange(peer, plan, "hello").result.verdict == Verdict::Longer);
  }
  SECTION("the echo of nothing is an empty stream") {
    const Peer peer(ending(1, "!"));
    CHECK(exchange(peer, plan, "").result.verdict == Verdict::Longer);
  }
  SECTION("of any all bytes are the reply") {
    plan.reply.kind = ReplyKind::Any;
    const std::string long_reply = many(3'000'000);
    const Peer peer(ending(6, long_reply));
    const Told told = exchange(peer, plan, "hello");
    CHECK(told.result.verdict == Verdict::Right);
    CHECK((told.reply == long_reply));
  }
  SECTION("any is at least one byte") {
    plan.reply.kind = ReplyKind::Any;
    const Peer peer(ending(6, ""));
    CHECK(exchange(peer, plan, "hello").result.verdict == Verdict::Short);
  }
  SECTION("none is none until the end") {
    plan.reply.kind = ReplyKind::None;
    const Peer silent(ending(6, ""));
    CHECK(exchange(silent, plan, "hello").result.verdict == Verdict::Right);
    const Peer talking(ending(6, "x"));
    CHECK(exchange(talking, plan, "hello").result.verdict == Verdict::Longer);
  }
  SECTION("until is the end of the stream, too") {
    plan.reply = {ReplyKind::Until, "lo"};
    const Peer right(ending(6, "hello"));
    CHECK(exchange(right, plan, "hello").result.verdict == Verdict::Right);
    const Peer longer(ending(6, "hello, lo"));
    CHECK(exchange(longer, plan, "hello").result.verdict == Verdict::Longer);
  }
  SECTION("a reset is no end") {
    const Peer peer([](int socket) {
      receive(socket, 6);
      send_all(socket, "hello");
      reset(socket);
    });
    const Told told = exchange(peer, plan, "hello");
    CHECK(told.result.verdict == Verdict::Lost);
    CHECK(told.result.error->code == std::errc::connection_reset);
  }
}

TEST_CASE("a reply that matches a text is right, or differs") {
  const Peer peer(answering(2, "+OK"));
  CHECK(exchange(peer, expecting(ReplyKind::Match, "+OK"), "hi").result.verdict == Verdict::Right);
  const Peer other(answering(2, "-NO"));
  const Told told = exchange(other, expecting(ReplyKind::Match, "+OK"), "hi");
  CHECK(told.result.verdict == Verdict::Differs);
  CHECK(told.result.difference->offset == 0);
  CHECK(told.result.expected == 3U);
}

TEST_CASE("a reply of so many bytes is right, or longer") {
  const Peer peer(answering(2, "12345"));
  CHECK(exchange(peer, expecting(ReplyKind::Bytes, {}, 5), "hi").result.verdict == Verdict::Right);
  const Peer other(answering(2, "123456"));
  CHECK(exchange(other, expecting(ReplyKind::Bytes, {}, 5), "hi").result.verdict == Verdict::Longer);
}

TEST_CASE("what comes after the end of a reply belongs to the next one") {
  const Peer peer([](int socket) {
    receive(socket, 2);
    send_all(socket, "one\ntwo\nth");
    receive(socket, 4);
    send_all(socket, "ree\n");
    receive(socket, 1);
  });
  Conversation conversation(peer.socket());
  const ExchangePlan plan = expecting(ReplyKind::Until, "\n");
  for (const std::string reply : {"one\n", "two\n", "three\n"}) {
    const Told told = exchange(conversation, plan, "hi");
    CHECK(told.result.verdict == Verdict::Right);
    CHECK(told.reply == reply);
    CHECK(told.result.bytes_received == reply.size());
  }
}

TEST_CASE("no reply is awaited where there is none, but that the peer has the message") {
  const Peer peer(answering(5, "unread"));
  const Told told = exchange(peer, expecting(ReplyKind::None), "hello");
  CHECK(told.result.verdict == Verdict::Right);
  CHECK(told.reply.empty());
  CHECK(told.result.bytes_sent == 5);
}

TEST_CASE("a message that nobody reads is not acknowledged") {
  const auto reads_nothing = [](int socket) {
    pollfd gone = {socket, POLLRDHUP, 0};
    ::poll(&gone, 1, 20'000);
  };
  const Peer peer(reads_nothing, 4096);
  ExchangePlan plan = expecting(ReplyKind::None);
  plan.timeout = 100ms;
  CHECK(exchange(peer, plan, many(16U << 20)).result.verdict == Verdict::TimedOut);
}

TEST_CASE("a message far larger than any buffer comes back while it is being sent") {
  test::Running server(test::loopback_plan());
  const Connection connection = server.connect();
  Conversation conversation(connection.socket());
  const std::string message = many(40U << 20);
  const Told told = exchange(conversation, expecting(ReplyKind::Echo), message);
  CHECK(told.result.verdict == Verdict::Right);
  CHECK(told.result.bytes_received == message.size());
  CHECK((told.reply == message));
}

TEST_CASE("sizes around those of buffers come back whole, in any pieces") {
  test::Running server(test::loopback_plan());
  const Connection connection = server.connect();
  Conversation conversation(connection.socket());
  for (const std::size_t size : {std::size_t{1}, (128UL << 10) - 1, 128UL << 10, (128UL << 10) + 1, 1UL << 20}) {
    const std::string message = many(size);
    TextSource source(message, 9973);
    TextSink sink;
    CHECK(conversation.exchange(expecting(ReplyKind::Echo), source, sink).verdict == Verdict::Right);
    CHECK((sink.text == message));
  }
}

TEST_CASE("silence is a timeout, and says how much had come") {
  const Peer peer(answering(5, "hel"));
  ExchangePlan plan = expecting(ReplyKind::Echo);
  plan.timeout = 100ms;
  const auto begin = Clock::now();
  const Told told = exchange(peer, plan, "hello");
  CHECK(told.result.verdict == Verdict::TimedOut);
  CHECK(told.result.bytes_received == 3);
  CHECK(Clock::now() - begin >= 100ms);
}

TEST_CASE("the deadline holds while bytes keep coming") {
  const Peer peer([](int socket) {
    while (::send(socket, "x", 1, MSG_NOSIGNAL) == 1) {
    }
  });
  ExchangePlan plan = expecting(ReplyKind::Any);
  plan.half_close = true;
  plan.deadline = Clock::now() + 150ms;
  CHECK(exchange(peer, plan, "hello").result.verdict == Verdict::DeadlinePassed);
}

TEST_CASE("the deadline holds while nobody takes the reply") {
  const std::string reply = many(1U << 20);
  const Peer peer(ending(6, reply));
  Pipe pipe;
  TextSource source("hello");
  PipeSink sink(pipe.in.get());
  ExchangePlan plan = expecting(ReplyKind::Any);
  plan.half_close = true;
  plan.timeout = 10ms;
  plan.deadline = Clock::now() + 200ms;
  Conversation conversation(peer.socket());
  CHECK(conversation.exchange(plan, source, sink).verdict == Verdict::DeadlinePassed);
}

TEST_CASE("a slow source is not the peer's silence") {
  test::Running server(test::loopback_plan());
  const Connection connection = server.connect();
  Conversation conversation(connection.socket());
  Pipe pipe;
  std::thread writer([&] {
    for (int piece = 0; piece < 3; ++piece) {
      std::this_thread::sleep_for(60ms);
      CHECK(::write(pipe.in.get(), "abc", 3) == 3);
    }
    pipe.in = os::Descriptor();
  });
  PipeSource source(pipe.out.get());
  TextSink sink;
  ExchangePlan plan = expecting(ReplyKind::Echo);
  plan.timeout = 30ms;
  const ExchangeResult result = conversation.exchange(plan, source, sink);
  writer.join();
  CHECK(result.verdict == Verdict::Right);
  CHECK(sink.text == "abcabcabc");
}

TEST_CASE("a stop ends an exchange with what there is") {
  const Peer peer(answering(5, "hel"));
  const os::Descriptor stop(::eventfd(0, EFD_CLOEXEC));
  ExchangePlan plan = expecting(ReplyKind::Echo);
  plan.stop = stop.get();
  std::thread stopper([&] {
    std::this_thread::sleep_for(50ms);
    ::eventfd_write(stop.get(), 1);
  });
  const Told told = exchange(peer, plan, "hello");
  stopper.join();
  CHECK(told.result.verdict == Verdict::Stopped);
  CHECK(told.reply == "hel");
}

TEST_CASE("a reset before the reply is complete loses it, but not what came before") {
  const Peer peer([](int socket) {
    receive(socket, 5);
    send_all(socket, "hel");
    reset(socket);
  });
  const Told told = exchange(peer, expecting(ReplyKind::Echo), "hello");
  CHECK(told.result.verdict == Verdict::Lost);
  REQUIRE(told.result.error);
  CHECK(told.result.error->code == std::errc::connection_reset);
  CHECK(told.reply == "hel");
}

TEST_CASE("a reply counts that came before the peer refused the rest of the message") {
  const Peer peer([](int socket) {
    receive(socket, 1000);
    send_all(socket, "413\n");
  });
  const Told told = exchange(peer, expecting(ReplyKind::Until, "\n"), many(32U << 20));
  CHECK(told.result.verdict == Verdict::Right);
  CHECK(told.reply == "413\n");
  CHECK_FALSE(told.result.sent_whole);
}

TEST_CASE("a source that cannot be read ends the exchange") {
  const Peer peer(answering(5, ""));
  class Broken final : public ByteSource {
    [[nodiscard]] int descriptor() const noexcept override { return -1; }
    Result<std::size_t> read(std::span<char> /*room*/) override { return system_error(EIO, "read"); }
  } broken;
  TextSink sink;
  Conversation conversation(peer.socket());
  const ExchangeResult result = conversation.exchange(expecting(ReplyKind::Echo), broken, sink);
  CHECK(result.verdict == Verdict::SourceFailed);
  CHECK(result.error->code == std::errc::io_error);
}

TEST_CASE("verdicts have names") {
  CHECK(verdict_name(Verdict::Right) == "right");
  CHECK(verdict_name(Verdict::TimedOut) == "timeout");
  CHECK(verdict_name(Verdict::SourceFailed) == "unreadable");
}
