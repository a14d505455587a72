#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>

namespace tcpkit {

/// What an answer must be, to count as the reply to a request. A plain value.
struct ReplyRule {
  enum class Kind : std::uint8_t {
    Echo,   ///< what was sent
    Any,    ///< at least one byte; what has come with it is all of it
    None,   ///< nothing is waited for
    Until,  ///< ends with `text`, where that comes first
    Bytes,  ///< so many `bytes`
    Match,  ///< `text`, and nothing else
  };
  Kind kind = Kind::Echo;
  std::string text = {};    ///< not empty for Until and Match
  std::uint64_t bytes = 0;  ///< not 0 for Bytes
};

/// "echo", "any", "none", "until:TEXT", "bytes:N", "match:TEXT"; TEXT with the escapes of unescape(). Fails with
/// Errc::bad_value. Pure.
[[nodiscard]] TCPKIT_API Result<ReplyRule> parse_reply_rule(std::string_view text);

}  // namespace tcpkit
