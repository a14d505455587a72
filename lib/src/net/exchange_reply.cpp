#include "net/exchange_reply.hpp"

#include <algorithm>

namespace tcpkit {

using Kind = ReplyRule::Kind;

ExchangeReply::ExchangeReply(const ReplyRule& rule, bool whole_stream) noexcept
    : rule_(rule), whole_stream_(whole_stream), matcher_(rule, {}) {}

void ExchangeReply::sent(std::string_view bytes) {
  sent_ += bytes.size();
  if (rule_.kind == Kind::Echo) unreturned_.push(bytes);
}

std::size_t ExchangeReply::take(std::string_view bytes) {
  if (bytes.empty()) return 0;
  if (rule_.kind == Kind::None) longer_ = true;
  if (rule_.kind == Kind::Echo) return take_echo(bytes);
  if (rule_.kind == Kind::None || rule_.kind == Kind::Any) {
    received_ += bytes.size();
    return bytes.size();
  }
  return take_matching(bytes);
}

std::size_t ExchangeReply::take_echo(std::string_view bytes) {
  const std::string_view due = unreturned_.view().substr(0, bytes.size());
  const auto same = static_cast<std::size_t>(std::ranges::mismatch(due, bytes).in1 - due.begin());
  if (same < due.size()) difference_ = Difference{received_ + same, due[same], bytes[same]};
  longer_ = !difference_ && bytes.size() > due.size();
  unreturned_.pop(same);
  received_ += bytes.size();
  return bytes.size();
}

std::size_t ExchangeReply::take_matching(std::string_view bytes) {
  ReplyMatcher::Step step{};
  if (!matched_) step = matcher_.take(bytes);
  if (step.state == ReplyMatcher::State::Wrong) {
    difference_ = Difference{matcher_.received(), rule_.text[matcher_.received()], bytes[step.used]};
  }
  matched_ = matched_ || step.state == ReplyMatcher::State::Complete;
  const bool rest = matched_ && step.used < bytes.size();
  longer_ = rest && !leaves_rest();
  const std::size_t taken = rest && leaves_rest() ? step.used : bytes.size();
  received_ += taken;
  return taken;
}

bool ExchangeReply::complete() const noexcept {
  switch (rule_.kind) {
    case Kind::Echo:
      return all_sent_ && unreturned_.empty() && !difference_ && !longer_;
    case Kind::Any:
      return received_ > 0;
    case Kind::None:
      return received_ == 0;
    case Kind::Until:
    case Kind::Bytes:
    case Kind::Match:
      break;
  }
  return matched_ && !longer_;
}

std::optional<std::uint64_t> ExchangeReply::expected() const noexcept {
  switch (rule_.kind) {
    case Kind::Echo:
      return all_sent_ ? std::optional(sent_) : std::nullopt;
    case Kind::Match:
      return rule_.text.size();
    case Kind::Bytes:
      return rule_.bytes;
    case Kind::None:
      return 0;
    case Kind::Any:
    case Kind::Until:
      break;
  }
  return std::nullopt;
}

}  // namespace tcpkit
