#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

#include <sys/socket.h>
#include <unistd.h>

#include <tcpkit/base/signals.hpp>
#include <tcpkit/proc/foreign_socket.hpp>

namespace tcpkit {
namespace {

// A copy that waits its turn delays the FIN of a program that has closed its own, so one slow close must not hold up
// the next: threads are started while there is work and none is free.
constexpr std::size_t kMostThreads = 32;

/// inet_release() waits for SO_LINGER's time at the last close, on a socket that does not block too
/// (net/ipv4/af_inet.c). Measured with 3 s of linger and unsent data: the program's own close() took 0.00 s for the
/// copy that was there, and closing the copy 3.16 s. Without linger no close waits, and a thread would cost more than
/// the close does: only where both the option and the close of the program come between the next two system calls, this
/// one waits.
bool may_wait(int descriptor) {
  linger waits = {};
  socklen_t length = sizeof(waits);
  if (::getsockopt(descriptor, SOL_SOCKET, SO_LINGER, &waits, &length) != 0) return true;  // no socket: a file, say
  return waits.l_onoff != 0 && waits.l_linger != 0;
}

}  // namespace

struct CopyCloser::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<int> waiting;
  std::size_t threads = 0;
  std::size_t free = 0;
  bool ended = false;

  [[nodiscard]] bool all_closed() const { return waiting.empty() && free == threads; }

  /// What a thread does until the closer ends.
  void close_what_comes() {
    std::unique_lock lock(mutex);
    for (;;) {
      ++free;
      changed.notify_all();
      changed.wait(lock, [this] { return ended || !waiting.empty(); });
      --free;
      if (waiting.empty()) break;
      const int descriptor = waiting.front();
      waiting.pop_front();
      lock.unlock();
      ::close(descriptor);
      lock.lock();
    }
    --threads;
  }

  /// One more that does so; false where the kernel gives none now.
  static bool start_thread(const std::shared_ptr<State>& state) try {
    const SignalsBlocked blocked;
    std::thread([state] { state->close_what_comes(); }).detach();
    return true;
  } catch (const std::system_error&) {
    return false;
  }
};

CopyCloser::CopyCloser() : state_(std::make_shared<State>()) {}

CopyCloser::~CopyCloser() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, std::chrono::seconds(1), [this] { return state_->all_closed(); });
  state_->ended = true;
  state_->changed.notify_all();
}

void CopyCloser::close(int descriptor) {
  if (!may_wait(descriptor)) {
    ::close(descriptor);
    return;
  }
  std::unique_lock lock(state_->mutex);
  state_->waiting.push_back(descriptor);
  const bool wants_thread = state_->free < state_->waiting.size() && state_->threads < kMostThreads;
  if (wants_thread && State::start_thread(state_)) ++state_->threads;
  if (state_->threads == 0) {
    state_->waiting.pop_back();
    lock.unlock();
    ::close(descriptor);  // late is better than never
    return;
  }
  state_->changed.notify_all();
}

}  // namespace tcpkit
