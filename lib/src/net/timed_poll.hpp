#pragma once

#include <chrono>
#include <memory>
#include <span>

#include <sys/epoll.h>

#include <tcpkit/base/result.hpp>
#include <tcpkit/net/resolve.hpp>

#include "net/poll_set.hpp"
#include "os/descriptor.hpp"

namespace tcpkit {

/// A poll set that is waited for until a moment: timerfd_create(2) is finer than epoll's milliseconds, and has no timer
/// slack. Movable until something is added to the set.
class TimedPoll {
 public:
  static Result<TimedPoll> make();

  /// What is watched; events of kinds WakeUp and Timer are this object's own.
  [[nodiscard]] const PollSet& set() const noexcept { return set_; }

  /// Waits for the first event, `until`, wake_up() or a signal, for `rhythm` at most: that is up to a millisecond late,
  /// and unlike `until` costs no system call.
  [[nodiscard]] std::span<const epoll_event> wait(std::span<epoll_event> room, Clock::time_point until,
                                                  std::chrono::milliseconds rhythm);
  /// What has happened, without waiting.
  [[nodiscard]] std::span<const epoll_event> look(std::span<epoll_event> room) const { return set_.wait(room, 0); }

  /// Ends a wait, or the next one. Thread-safe and async-signal-safe.
  void wake_up() const noexcept;

 private:
  TimedPoll(PollSet set, os::Descriptor wake_up, os::Descriptor timer);
  [[nodiscard]] bool watch_own() const noexcept;
  void arm(Clock::time_point until);

  PollSet set_;
  os::Descriptor wake_up_;  // eventfd(2)
  os::Descriptor timer_;
  std::unique_ptr<Watched> wake_up_watch_;  // apart: epoll holds their addresses
  std::unique_ptr<Watched> timer_watch_;
  Clock::time_point armed_for_;
};

}  // namespace tcpkit
