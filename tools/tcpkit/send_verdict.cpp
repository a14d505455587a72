#include "send_verdict.hpp"

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

#include "error_name.hpp"

using namespace tcpkit;

namespace {

std::string bytes(std::uint64_t count) {
  return fmt::format("{} byte{}", count, count == 1 ? "" : "s");
}

/// "3 of 5 bytes", or "3 bytes" where nobody knows how many were to come.
std::string progress(const ExchangeResult& result) {
  if (!result.expected) return bytes(result.bytes_received);
  return fmt::format("{} of {}", result.bytes_received, bytes(*result.expected));
}

std::string describe_short(const ExchangeResult& result, const ReplyRule& rule) {
  const std::string without = rule.kind == ReplyRule::Kind::Until ? fmt::format(" without {}", quote(rule.text)) : "";
  if (rule.kind == ReplyRule::Kind::Any) return "ended without a byte";
  return fmt::format("ended after {}{}", progress(result), without);
}

std::string describe_longer(const ExchangeResult& result, const ReplyRule& rule) {
  if (rule.kind == ReplyRule::Kind::None)
    return fmt::format("{} came, and none was expected", bytes(result.bytes_received));
  if (rule.kind == ReplyRule::Kind::Until) return fmt::format("goes on after {}", quote(rule.text));
  if (!result.expected) return fmt::format("longer than what was sent: {} came", bytes(result.bytes_received));
  return fmt::format("longer than expected: {} came, {} expected", bytes(result.bytes_received), *result.expected);
}

std::string describe_silence(const ExchangeResult& result, const ExchangePlan& plan) {
  const std::string silence = format_duration(plan.timeout);
  if (!result.sent_whole) {
    return fmt::format("{} sent, then the peer took no more for {}: it does not read", bytes(result.bytes_sent),
                       silence);
  }
  const bool reads = plan.reply.kind != ReplyRule::Kind::None || plan.half_close;
  if (!reads)
    return fmt::format("{} sent, and not all acknowledged: nothing for {}", bytes(result.bytes_sent), silence);
  return fmt::format("{}, then nothing for {}", progress(result), silence);
}

std::string describe_difference(const Difference& difference) {
  return fmt::format("differs at byte {}: expected {}, got {}", difference.offset, quote({&difference.expected, 1}),
                     quote({&difference.got, 1}));
}

std::string message_of(const ExchangeResult& result, const ExchangePlan& plan) {
  switch (result.verdict) {
    case Verdict::Differs:
      return describe_difference(*result.difference);
    case Verdict::Short:
      return describe_short(result, plan.reply);
    case Verdict::Longer:
      return describe_longer(result, plan.reply);
    case Verdict::Lost:
      return fmt::format("{} after {}", result.error->code.message(), progress(result));
    case Verdict::TimedOut:
      return describe_silence(result, plan);
    case Verdict::DeadlinePassed:
      return fmt::format("{} when the deadline passed", progress(result));
    case Verdict::Stopped:
      return fmt::format("{} when it was interrupted", progress(result));
    case Verdict::Right:
    case Verdict::SourceFailed:
      break;
  }
  return result.error ? result.error->code.message() : "";
}

ExitCode exit_code_of(const ExchangeResult& result) {
  if (result.error) return exit_code(*result.error);
  const bool late = result.verdict == Verdict::TimedOut || result.verdict == Verdict::DeadlinePassed;
  return late ? ExitCode::Timeout : ExitCode::CheckFailed;
}

}  // namespace

SendFailure failure_of(const ExchangeResult& result, const ExchangePlan& plan, const Endpoint& peer) {
  if (result.verdict == Verdict::SourceFailed) return failure_of(*result.error);
  const bool about_reply = result.sent_whole || result.verdict != Verdict::TimedOut;
  SendFailure failure;
  failure.doing = fmt::format("{} {}", about_reply ? "reply from" : "message to", escape(peer.text()));
  failure.code = result.error ? error_name(result.error->code) : std::string(verdict_name(result.verdict));
  failure.message = message_of(result, plan);
  failure.exit_code = exit_code_of(result);
  return failure;
}

SendFailure failure_of(const Error& error) {
  const bool is_sentence = error.code == Errc::bad_value;
  return {is_sentence ? "send" : error.doing, error_name(error.code), is_sentence ? error.doing : error.code.message(),
          exit_code(error)};
}
