#include "net/reply_matcher.hpp"

#include <algorithm>
#include <random>
#include <string>

#include "support/catch.hpp"

using tcpkit::ReplyMatcher;
using tcpkit::ReplyRule;
using Kind = ReplyRule::Kind;
using State = ReplyMatcher::State;

namespace {

/// Gives the bytes in pieces of `size`, until the reply is over. Returns how many bytes were used.
std::size_t feed(ReplyMatcher& matcher, std::string_view bytes, std::size_t size, State& state) {
  std::size_t used = 0;
  state = State::More;
  while (used < bytes.size() && state == State::More) {
    const ReplyMatcher::Step step = matcher.take(bytes.substr(used, size));
    used += step.used;
    state = step.state;
  }
  return used;
}

}  // namespace

TEST_CASE("a reply that matches is complete at its last byte, however it is cut") {
  const std::string request = "hello, world";
  for (const Kind kind : {Kind::Echo, Kind::Match}) {
    const ReplyRule rule{.kind = kind, .text = kind == Kind::Match ? request : ""};
    for (std::size_t size = 1; size <= 20; ++size) {
      ReplyMatcher matcher(rule, request);
      State state{};
      CHECK(feed(matcher, request + "more", size, state) == request.size());
      CHECK(state == State::Complete);
      CHECK(matcher.received() == request.size());
      CHECK(matcher.missing() == 0);
    }
  }
}

TEST_CASE("the first different byte of a reply is found, however it is cut") {
  const ReplyRule rule{.kind = Kind::Match, .text = "abcdefgh"};
  for (std::size_t size = 1; size <= 10; ++size) {
    ReplyMatcher matcher(rule, {});
    State state{};
    CHECK(feed(matcher, "abcdeXgX", size, state) == 5);
    CHECK(state == State::Wrong);
    CHECK(matcher.received() == 5);
  }
}

TEST_CASE("a short reply says how many bytes are missing") {
  const ReplyRule rule{.kind = Kind::Bytes, .bytes = 10};
  ReplyMatcher matcher(rule, {});
  CHECK(matcher.take("abc").state == State::More);
  CHECK(matcher.missing() == 7);
  CHECK(matcher.take("defghijkl").used == 7);
  matcher.restart();
  CHECK(matcher.missing() == 10);
}

TEST_CASE("any byte is a reply to any") {
  const ReplyRule rule{.kind = Kind::Any};
  ReplyMatcher matcher(rule, {});
  CHECK(matcher.take("").state == State::More);
  CHECK(matcher.take("x").state == State::Complete);
}

TEST_CASE("an end is found that begins inside a beginning of itself") {
  for (const auto& [end, reply, length] : {std::tuple{"aab", "aaab", 4U}, std::tuple{"abab", "ababab", 4U},
                                           std::tuple{"\r\n\r\n", "x\r\n\r\r\n\r\nrest", 8U}}) {
    const ReplyRule rule{.kind = Kind::Until, .text = end};
    ReplyMatcher matcher(rule, {});
    State state{};
    CHECK(feed(matcher, reply, 1, state) == length);
    CHECK(state == State::Complete);
  }
}

TEST_CASE("an end is found where a plain search finds it") {
  std::mt19937 random(9293);
  for (int round = 0; round < 3000; ++round) {
    const auto letters = [&](std::size_t count) {
      std::string text(count, 'a');
      std::ranges::generate(text, [&] { return static_cast<char>('a' + random() % 2); });
      return text;
    };
    const std::string end = letters(1 + random() % 6);
    const std::string reply = letters(random() % 40);
    const ReplyRule rule{.kind = Kind::Until, .text = end};
    ReplyMatcher matcher(rule, {});
    State state{};
    const std::size_t used = feed(matcher, reply, 1 + random() % 8, state);
    const std::size_t at = reply.find(end);
    REQUIRE((state == State::Complete) == (at != std::string::npos));
    REQUIRE(used == (at == std::string::npos ? reply.size() : at + end.size()));
  }
}
