#pragma once

#include <cstdint>
#include <string_view>

#include <tcpkit/net/reply.hpp>

namespace tcpkit {

/// Compares a reply with its rule, as its bytes come. Small: one for each connection.
class ReplyMatcher {
 public:
  enum class State : std::uint8_t { More, Complete, Wrong };

  struct Step {
    State state = State::More;
    std::size_t used =
        0;  ///< bytes of the reply among those given: all, unless it is complete before their end or wrong
  };

  /// `rule`, and for Echo the `request`, outlive it.
  ReplyMatcher(const ReplyRule& rule, std::string_view request) noexcept;

  /// The next bytes that came. Not to be called when the reply is complete or wrong, nor for ReplyRule::Kind::None.
  Step take(std::string_view bytes) noexcept;

  /// Bytes of the reply so far; where it is wrong, the offset of the first difference.
  [[nodiscard]] std::uint64_t received() const noexcept { return received_; }

  /// Bytes still to come, or 0 when nobody can know.
  [[nodiscard]] std::uint64_t missing() const noexcept { return length_ > received_ ? length_ - received_ : 0; }

  /// For the next reply.
  void restart() noexcept {
    received_ = 0;
    matched_ = 0;
  }

 private:
  Step compare(std::string_view bytes) noexcept;
  Step count(std::string_view bytes) noexcept;
  Step search(std::string_view bytes) noexcept;
  void fall_back() noexcept;

  ReplyRule::Kind kind_;
  std::string_view expected_;  // Echo, Match: all of it; Until: its end
  std::uint64_t length_ = 0;   // of the whole reply, where it is known
  std::uint64_t received_ = 0;
  std::size_t matched_ = 0;  // Until: bytes of its end that came last
};

}  // namespace tcpkit
