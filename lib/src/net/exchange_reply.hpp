#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <tcpkit/net/exchange.hpp>

#include "net/byte_queue.hpp"
#include "net/reply_matcher.hpp"

namespace tcpkit {

/// What comes back, held against its rule; an echo against what was sent, of which only what has not come back yet is
/// kept.
class ExchangeReply {
 public:
  /// `rule` outlives it. With `whole_stream` nothing may come after the reply.
  ExchangeReply(const ReplyRule& rule, bool whole_stream) noexcept;

  /// The next bytes of the message, and its end.
  void sent(std::string_view bytes);
  void all_sent() noexcept { all_sent_ = true; }

  /// The next bytes that came. Returns how many are of this reply; the rest is of the next one.
  std::size_t take(std::string_view bytes);

  /// Whether it is what it must be, if nothing more comes.
  [[nodiscard]] bool complete() const noexcept;
  [[nodiscard]] bool longer() const noexcept { return longer_; }
  [[nodiscard]] const std::optional<Difference>& difference() const noexcept { return difference_; }
  [[nodiscard]] std::uint64_t received() const noexcept { return received_; }
  [[nodiscard]] std::optional<std::uint64_t> expected() const noexcept;

 private:
  std::size_t take_echo(std::string_view bytes);
  std::size_t take_matching(std::string_view bytes);
  [[nodiscard]] bool leaves_rest() const noexcept { return rule_.kind == ReplyRule::Kind::Until && !whole_stream_; }

  const ReplyRule& rule_;
  bool whole_stream_;
  ReplyMatcher matcher_;
  bool matched_ = false;
  ByteQueue unreturned_;  // Echo: sent, and not come back
  std::uint64_t sent_ = 0;
  bool all_sent_ = false;
  std::uint64_t received_ = 0;
  bool longer_ = false;
  std::optional<Difference> difference_;
};

}  // namespace tcpkit
