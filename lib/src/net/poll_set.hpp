#pragma once

#include <cerrno>
#include <cstdint>
#include <span>
#include <utility>

#include <sys/epoll.h>

#include <tcpkit/base/result.hpp>

#include "os/descriptor.hpp"

namespace tcpkit {

/// What a poll set watches a descriptor for, and hands back: a loop's own wake-up call, a timer, a listener or a
/// connection.
struct Watched {
  enum class Kind : std::uint8_t { WakeUp, Timer, Listener, Session };
  Kind kind;
};

/// epoll(7): which of many descriptors are ready. What each is watched for outlives the watch.
class PollSet {
 public:
  static Result<PollSet> make() {
    os::Descriptor epoll(::epoll_create1(EPOLL_CLOEXEC));
    if (!epoll) return system_error(errno, "make an epoll instance");
    return PollSet(std::move(epoll));
  }

  [[nodiscard]] bool add(int descriptor, std::uint32_t events, Watched& watched) const noexcept {
    return control(EPOLL_CTL_ADD, descriptor, events, &watched);
  }
  /// Tells anew of events that are there already, also to an edge-triggered watch.
  bool change(int descriptor, std::uint32_t events, Watched& watched) const noexcept {
    return control(EPOLL_CTL_MOD, descriptor, events, &watched);
  }
  /// Not left to close(2): while another process holds a copy of the descriptor (pidfd_getfd), the watch would stay.
  void remove(int descriptor) const noexcept { control(EPOLL_CTL_DEL, descriptor, 0, nullptr); }

  /// Waits for the first event, at most `timeout_ms` (-1 = for ever), or for a signal. A stop of the process ends the
  /// wait like one, whatever has happened meanwhile (signal(7)): that is asked for, and not taken for nothing.
  [[nodiscard]] std::span<const epoll_event> wait(std::span<epoll_event> room, int timeout_ms) const noexcept {
    const int size = static_cast<int>(room.size());
    int ready = ::epoll_wait(epoll_.get(), room.data(), size, timeout_ms);
    if (ready < 0 && errno == EINTR) ready = ::epoll_wait(epoll_.get(), room.data(), size, 0);
    return room.first(static_cast<std::size_t>(ready > 0 ? ready : 0));
  }

  [[nodiscard]] static Watched& watched(const epoll_event& event) noexcept {
    return *static_cast<Watched*>(event.data.ptr);
  }

 private:
  explicit PollSet(os::Descriptor epoll) : epoll_(std::move(epoll)) {}

  bool control(int operation, int descriptor, std::uint32_t events, Watched* watched) const noexcept {
    epoll_event event = {events, {watched}};
    return ::epoll_ctl(epoll_.get(), operation, descriptor, &event) == 0;
  }

  os::Descriptor epoll_;
};

}  // namespace tcpkit
