#pragma once

#include <tcpkit/net/exchange.hpp>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tcpkit/net/connect.hpp>

#include "os/descriptor.hpp"
#include "support/catch.hpp"

/// Peers that do what a test says, and messages and replies of its own.
namespace tcpkit::test {

using namespace std::chrono_literals;

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

inline void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

inline std::string receive(int socket, std::size_t count) {
  std::string bytes(count, '\0');
  const ssize_t got = ::recv(socket, bytes.data(), count, MSG_WAITALL);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

inline void reset(int socket) {
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

inline ExchangePlan expecting(ReplyKind kind, std::string text = {}, std::uint64_t bytes = 0) {
  ExchangePlan plan;
  plan.reply = {kind, std::move(text), bytes};
  plan.timeout = 20s;
  return plan;
}

struct Told {
  ExchangeResult result;
  std::string reply;
};

inline Told exchange(Conversation& conversation, const ExchangePlan& plan, std::string_view message) {
  TextSource source(message);
  TextSink sink;
  const ExchangeResult result = conversation.exchange(plan, source, sink);
  return {result, sink.text};
}

inline Told exchange(const Peer& peer, const ExchangePlan& plan, std::string_view message) {
  Conversation conversation(peer.socket());
  return exchange(conversation, plan, message);
}

/// Answers `count` bytes with `reply`, and goes when the client does.
inline auto answering(std::size_t count, const std::string& reply) {
  return [=](int socket) {
    receive(socket, count);
    send_all(socket, reply);
    receive(socket, 1);
  };
}

inline auto ending(std::size_t count, const std::string& reply) {
  return [=](int socket) {
    receive(socket, count);
    send_all(socket, reply);
  };
}

inline std::string many(std::size_t count) {
  std::string bytes(count, '\0');
  for (std::size_t at = 0; at < count; ++at) bytes[at] = static_cast<char>(at * 2654435761U >> 13);
  return bytes;
}

}  // namespace tcpkit::test
