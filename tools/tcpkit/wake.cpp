#include "wake.hpp"

#include <algorithm>
#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may use nothing else: signal-safety(7)");

Wake::Wake() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Wake::~Wake() {
  ::close(descriptor_);
}

void Wake::stop() noexcept {
  stopped_ = true;
  ring();
}

void Wake::redraw() noexcept {
  redraw_ = true;
  ring();
}

void Wake::ring() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(descriptor_, &one, sizeof(one));
}

void Wake::rearm() {
  std::uint64_t rung = 0;
  [[maybe_unused]] const auto read = ::read(descriptor_, &rung, sizeof(rung));
}

int poll_timeout_ms(std::chrono::steady_clock::time_point end) {
  using std::chrono::milliseconds;
  constexpr milliseconds kLongest{1'000'000};
  const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp(left, milliseconds::zero(), kLongest).count());
}
