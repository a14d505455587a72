#include "net/reply_matcher.hpp"

#include <algorithm>
#include <cstring>

namespace tcpkit {
namespace {

using Kind = ReplyRule::Kind;

std::string_view expected(const ReplyRule& rule, std::string_view request) {
  return rule.kind == Kind::Echo ? request : std::string_view(rule.text);
}

std::uint64_t length(const ReplyRule& rule, std::string_view request) {
  if (rule.kind == Kind::Bytes) return rule.bytes;
  return rule.kind == Kind::Echo || rule.kind == Kind::Match ? expected(rule, request).size() : 0;
}

}  // namespace

ReplyMatcher::ReplyMatcher(const ReplyRule& rule, std::string_view request) noexcept
    : kind_(rule.kind), expected_(expected(rule, request)), length_(length(rule, request)) {}

ReplyMatcher::Step ReplyMatcher::take(std::string_view bytes) noexcept {
  switch (kind_) {
    case Kind::Echo:
    case Kind::Match:
      return compare(bytes);
    case Kind::Until:
      return search(bytes);
    case Kind::Bytes:
      return count(bytes);
    case Kind::Any:
    case Kind::None:
      break;
  }
  received_ += bytes.size();
  return {bytes.empty() ? State::More : State::Complete, bytes.size()};
}

ReplyMatcher::Step ReplyMatcher::compare(std::string_view bytes) noexcept {
  const std::string_view due = expected_.substr(received_, bytes.size());
  if (std::memcmp(due.data(), bytes.data(), due.size()) == 0) return count(bytes);
  const auto differ = std::ranges::mismatch(due, bytes).in1;
  const auto used = static_cast<std::size_t>(differ - due.begin());
  received_ += used;
  return {State::Wrong, used};
}

ReplyMatcher::Step ReplyMatcher::count(std::string_view bytes) noexcept {
  const auto used = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), length_ - received_));
  received_ += used;
  return {received_ == length_ ? State::Complete : State::More, used};
}

/// A text can begin anew inside a try that failed ("aab" in "aaab"): after a mismatch the longest of its beginnings
/// that the reply ends with still stands.
void ReplyMatcher::fall_back() noexcept {
  const std::string_view seen = expected_.substr(0, matched_);
  do {
    --matched_;
  } while (!seen.ends_with(expected_.substr(0, matched_)));
}

ReplyMatcher::Step ReplyMatcher::search(std::string_view bytes) noexcept {
  for (std::size_t used = 0; used < bytes.size();) {
    const char byte = bytes[used++];
    while (matched_ > 0 && expected_[matched_] != byte) fall_back();
    if (expected_[matched_] == byte) ++matched_;
    ++received_;
    if (matched_ == expected_.size()) return {State::Complete, used};
  }
  return {State::More, bytes.size()};
}

}  // namespace tcpkit
