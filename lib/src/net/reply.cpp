#include <tcpkit/net/reply.hpp>

#include <array>
#include <utility>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

namespace tcpkit {
namespace {

constexpr std::string_view kAllowed = "echo, any, none, until:TEXT, bytes:N or match:TEXT is allowed";

Result<ReplyRule> with_text(ReplyRule::Kind kind, std::string_view name, std::string_view text) {
  Result<std::string> bytes = unescape(text);
  if (!bytes) return bad_value(fmt::format("{}: {}", name, bytes.error().doing));
  if (bytes->empty()) return bad_value(fmt::format("{}: there is no text after the colon", name));
  return ReplyRule{.kind = kind, .text = std::move(*bytes)};
}

Result<ReplyRule> with_bytes(std::string_view text) {
  const Result<std::uint64_t> bytes = parse_bytes(text);
  if (!bytes) return bad_value(fmt::format("bytes: {}", bytes.error().doing));
  if (*bytes == 0) return bad_value("bytes: a reply of 0 bytes is none: give none");
  return ReplyRule{.kind = ReplyRule::Kind::Bytes, .bytes = *bytes};
}

}  // namespace

Result<ReplyRule> parse_reply_rule(std::string_view text) {
  constexpr std::array kPlain = {std::pair{"echo", ReplyRule::Kind::Echo}, std::pair{"any", ReplyRule::Kind::Any},
                                 std::pair{"none", ReplyRule::Kind::None}};
  for (const auto& [name, kind] : kPlain) {
    if (text == name) return ReplyRule{.kind = kind};
  }
  if (text.starts_with("until:")) return with_text(ReplyRule::Kind::Until, "until", text.substr(6));
  if (text.starts_with("match:")) return with_text(ReplyRule::Kind::Match, "match", text.substr(6));
  if (text.starts_with("bytes:")) return with_bytes(text.substr(6));
  return bad_value(fmt::format("{}: {}", quote(text), kAllowed));
}

}  // namespace tcpkit
