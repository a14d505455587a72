#include <tcpkit/net/exchange.hpp>

#include <string>
#include <thread>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "net/exchange_peer.hpp"
#include "net/running_server.hpp"
#include "support/catch.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

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
  Running server(loopback_plan());
  const Connection connection = server.connect();
  Conversation conversation(connection.socket());
  const std::string message = many(40U << 20);
  const Told told = exchange(conversation, expecting(ReplyKind::Echo), message);
  CHECK(told.result.verdict == Verdict::Right);
  CHECK(told.result.bytes_received == message.size());
  CHECK((told.reply == message));
}

TEST_CASE("sizes around those of buffers come back whole, in any pieces") {
  Running server(loopback_plan());
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
  plan.timeout = 200ms;
  plan.deadline = Clock::now() + 600ms;
  Conversation conversation(peer.socket());
  CHECK(conversation.exchange(plan, source, sink).verdict == Verdict::DeadlinePassed);
}

TEST_CASE("a slow source is not the peer's silence") {
  Running server(loopback_plan());
  const Connection connection = server.connect();
  Conversation conversation(connection.socket());
  Pipe pipe;
  std::thread writer([&] {
    for (int piece = 0; piece < 2; ++piece) {
      std::this_thread::sleep_for(300ms);
      CHECK(::write(pipe.in.get(), "abc", 3) == 3);
    }
    pipe.in = os::Descriptor();
  });
  PipeSource source(pipe.out.get());
  TextSink sink;
  ExchangePlan plan = expecting(ReplyKind::Echo);
  plan.timeout = 250ms;
  const ExchangeResult result = conversation.exchange(plan, source, sink);
  writer.join();
  CHECK(result.verdict == Verdict::Right);
  CHECK(sink.text == "abcabc");
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
