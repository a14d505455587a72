#include "net/schedule.hpp"

#include <algorithm>

#include "net/calendar.hpp"

namespace tcpkit {
namespace {

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr std::uint64_t kMostSeconds = 9'000'000'000;  // a little less than Nanoseconds can hold

}  // namespace

/// Whole seconds apart from the rest, so that neither product overflows. What the clock cannot tell is never.
Clock::time_point Schedule::at(std::uint64_t n) const noexcept {
  const std::uint64_t seconds = n / per_second_;
  if (seconds > kMostSeconds) return Calendar::kNever;
  const std::uint64_t rest_ns = n % per_second_ * kNanosecondsPerSecond / per_second_;
  return later(begin_, Nanoseconds(static_cast<std::int64_t>(seconds * kNanosecondsPerSecond + rest_ns)));
}

/// Whole seconds apart here, too.
std::uint64_t Schedule::due_within(Nanoseconds time, std::uint64_t per_second) noexcept {
  const auto ns = static_cast<std::uint64_t>(time.count());
  return ns / kNanosecondsPerSecond * per_second + ns % kNanosecondsPerSecond * per_second / kNanosecondsPerSecond;
}

/// The first one is due at once.
std::uint64_t Schedule::overdue(Clock::time_point now) const noexcept {
  if (now < begin_) return 0;
  const std::uint64_t due = std::min(due_within(now - begin_, per_second_) + 1, total_);
  return due - std::min(taken_, due);
}

}  // namespace tcpkit
