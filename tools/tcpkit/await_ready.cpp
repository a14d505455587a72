#include "await_ready.hpp"

#include <algorithm>
#include <chrono>

#include <poll.h>

bool await_ready(int descriptor, short events, tcpkit::Clock::time_point deadline) {
  using std::chrono::milliseconds;
  constexpr milliseconds kLongest{1'000'000};
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - tcpkit::Clock::now());
    pollfd place = {descriptor, events, 0};
    const auto wait = std::clamp(left, milliseconds::zero(), kLongest);
    if (::poll(&place, 1, static_cast<int>(wait.count())) > 0) return true;
    if (left <= milliseconds::zero()) return false;
  }
}
