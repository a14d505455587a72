#include "sock/arithmetic.hpp"

#include <algorithm>
#include <bit>

namespace tcpkit {

std::int64_t effective_buffer(std::int64_t asked, std::int64_t max, std::int64_t least) {
  const std::int64_t wanted = asked < 0 ? INT32_MAX : asked;
  const std::int64_t limited = std::min({wanted, max, std::int64_t{INT32_MAX} / 2});
  return std::max(limited * 2, least);
}

std::int64_t round_up(std::int64_t value, std::int64_t step) {
  return (value + step - 1) / step * step;
}

std::int64_t tos_on_stream(std::int64_t tos) {
  constexpr std::int64_t kEcnBits = 3;
  return tos & 0xff & ~kEcnBits;
}

std::int64_t defer_accept_seconds(std::int64_t asked, Seconds rto_max) {
  constexpr int kMostRetransmissions = 255;  // an u8 counts them
  std::int64_t sum = 0;
  std::int64_t timeout = 1;
  for (int count = 0; count < kMostRetransmissions && sum < asked; ++count) {
    sum += timeout;
    timeout = std::min<std::int64_t>(timeout * 2, rto_max.count());
  }
  return sum;
}

int window_scale_for(std::uint64_t space) {
  constexpr int kMostShift = 14;     // RFC 7323 2.3
  constexpr int kUnscaledBits = 15;  // the kernel keeps the window below half of 16 bits at first
  if (space == 0) return 0;
  return std::clamp(static_cast<int>(std::bit_width(space)) - 1 - kUnscaledBits, 0, kMostShift);
}

}  // namespace tcpkit
