#include <tcpkit/net/reply.hpp>

#include <string>

#include "support/catch.hpp"

using tcpkit::parse_reply_rule;
using tcpkit::ReplyRule;
using Kind = tcpkit::ReplyRule::Kind;

namespace {

ReplyRule rule(std::string_view text) {
  const auto parsed = parse_reply_rule(text);
  REQUIRE(parsed);
  return *parsed;
}

std::string refusal(std::string_view text) {
  const auto parsed = parse_reply_rule(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == tcpkit::Errc::bad_value);
  return parsed.error().doing;
}

}  // namespace

TEST_CASE("rules of replies have the names that the command line gives them") {
  CHECK(rule("echo").kind == Kind::Echo);
  CHECK(rule("any").kind == Kind::Any);
  CHECK(rule("none").kind == Kind::None);
  CHECK(rule("bytes:64K").kind == Kind::Bytes);
  CHECK(rule("bytes:64K").bytes == 65536);
}

TEST_CASE("the text of a rule is unescaped, and may hold colons") {
  CHECK(rule("until:\\r\\n").kind == Kind::Until);
  CHECK(rule("until:\\r\\n").text == "\r\n");
  CHECK(rule("match:a:\\x00b").kind == Kind::Match);
  CHECK(rule("match:a:\\x00b").text == std::string("a:\0b", 4));
}

TEST_CASE("a rule that could never hold is refused") {
  CHECK(refusal("bytes:0") == "bytes: a reply of 0 bytes is none: give none");
  CHECK(refusal("until:") == "until: there is no text after the colon");
  CHECK(refusal("match:").find("no text") != std::string::npos);
}

TEST_CASE("what is no rule is refused with all that are") {
  for (const std::string_view text : {"", "Echo", "echo:", "any ", "until", "bytes", "match"}) {
    CHECK(refusal(text).find("echo, any, none, until:TEXT, bytes:N or match:TEXT is allowed") != std::string::npos);
  }
  CHECK(refusal("bytes:-1").find("bytes: ") == 0);
  CHECK(refusal("until:\\q").find("until: ") == 0);
}
