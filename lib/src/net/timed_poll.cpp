#include "net/timed_poll.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <utility>

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <tcpkit/base/units.hpp>

namespace tcpkit {

Result<TimedPoll> TimedPoll::make() {
  auto set = PollSet::make();
  if (!set) return set.error();
  os::Descriptor wake_up(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_up) return system_error(errno, "make an eventfd");
  os::Descriptor timer(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer) return system_error(errno, "make a timerfd");
  TimedPoll poll(std::move(*set), std::move(wake_up), std::move(timer));
  if (!poll.watch_own()) return system_error(errno, "watch a timer");
  return poll;
}

TimedPoll::TimedPoll(PollSet set, os::Descriptor wake_up, os::Descriptor timer)
    : set_(std::move(set)),
      wake_up_(std::move(wake_up)),
      timer_(std::move(timer)),
      wake_up_watch_(std::make_unique<Watched>(Watched{Watched::Kind::WakeUp})),
      timer_watch_(std::make_unique<Watched>(Watched{Watched::Kind::Timer})) {}

/// Edge-triggered, so that neither has to be read.
bool TimedPoll::watch_own() const noexcept {
  return set_.add(wake_up_.get(), EPOLLIN | EPOLLET, *wake_up_watch_) &&
         set_.add(timer_.get(), EPOLLIN | EPOLLET, *timer_watch_);
}

std::span<const epoll_event> TimedPoll::wait(std::span<epoll_event> room, Clock::time_point until,
                                             std::chrono::milliseconds rhythm) {
  arm(until);
  return set_.wait(room, static_cast<int>(rhythm.count()));
}

void TimedPoll::wake_up() const noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_up_.get(), &one, sizeof(one));  // full means: already awake
}

void TimedPoll::arm(Clock::time_point until) {
  using std::chrono::seconds;
  if (until == armed_for_) return;
  armed_for_ = until;
  const Nanoseconds since_boot = std::max<Nanoseconds>(until.time_since_epoch(), Nanoseconds(1));  // 0 would disarm it
  const auto whole = std::chrono::duration_cast<seconds>(since_boot);
  const itimerspec time = {{}, {static_cast<time_t>(whole.count()), static_cast<long>((since_boot - whole).count())}};
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &time, nullptr);
}

}  // namespace tcpkit
