#include "line_stream.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <tcpkit/base/signals.hpp>

namespace {

constexpr std::chrono::seconds kFlushTime{1};

/// What one write takes: a pipe that polls writable has room for PIPE_BUF bytes at least, pipe(7). It ends with a line,
/// so that what others write to the same place does not come into the middle of one.
std::string_view next_piece(std::string_view text) {
  const std::string_view most = text.substr(0, PIPE_BUF);
  const std::size_t last_end = most.rfind('\n');
  return last_end == std::string_view::npos ? most : most.substr(0, last_end + 1);
}

bool may_retry(int errno_value) {
  return errno_value == EINTR || errno_value == EAGAIN;
}

/// Bytes written, or -1 and errno.
ssize_t write_when_ready(int descriptor, std::string_view piece) {
  for (;;) {
    pollfd writable{descriptor, POLLOUT, 0};
    if (::poll(&writable, 1, -1) < 0 && errno != EINTR) return -1;
    const ssize_t written = ::write(descriptor, piece.data(), piece.size());
    if (written >= 0 || !may_retry(errno)) return written;
  }
}

}  // namespace

/// Shared with the thread, which outlives the stream when it hangs in a write that nobody takes.
struct LineStream::State {
  State(int to, DropNote note_of_drops) : descriptor(to), note(std::move(note_of_drops)) {}

  const int descriptor;
  const DropNote note;
  std::mutex mutex;
  std::condition_variable work;     // something is queued, or it is closing
  std::condition_variable settled;  // the thread has nothing to do any more
  std::string queued;
  std::size_t writing = 0;  // bytes the thread has taken and not yet written
  std::uint64_t dropped = 0;
  std::uint64_t unsaid = 0;  // dropped, and no note about it yet
  int error = 0;
  bool closing = false;
  bool ended = false;

  [[nodiscard]] std::size_t waiting() const { return queued.size() + writing; }

  /// Everything queued; nothing when it is time to end.
  std::string take() {
    std::unique_lock lock(mutex);
    work.wait(lock, [this] { return !queued.empty() || closing; });
    writing = queued.size();
    return std::exchange(queued, {});
  }

  /// Lines are taken again once half of the room is free, so that there is one note for many of them.
  void wrote(std::size_t bytes) {
    const std::scoped_lock lock(mutex);
    writing -= bytes;
    if (waiting() <= kCapacity / 2) tell_drops();
  }

  void tell_drops() {
    if (unsaid > 0) queued += note(std::exchange(unsaid, 0));
  }

  void drop(std::string_view text) {
    const auto lines = static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
    dropped += lines;
    unsaid += lines;
  }

  /// Nobody will read the rest.
  void fail(int errno_value, std::string_view unwritten) {
    const std::scoped_lock lock(mutex);
    error = errno_value;
    writing = 0;
    drop(unwritten);
    drop(std::exchange(queued, {}));
  }

  void end() {
    const std::scoped_lock lock(mutex);
    ended = true;
    settled.notify_all();
  }

  bool write_all(std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = write_when_ready(descriptor, next_piece(text));
      if (written < 0) {
        fail(errno, text);
        return false;
      }
      text.remove_prefix(static_cast<std::size_t>(written));
      wrote(static_cast<std::size_t>(written));
    }
    return true;
  }

  void run() {
    for (std::string text = take(); !text.empty(); text = take()) {
      if (!write_all(text)) break;
    }
    end();
  }
};

LineStream::LineStream(int descriptor, DropNote note) : state_(std::make_shared<State>(descriptor, std::move(note))) {
  const tcpkit::SignalsBlocked blocked;
  thread_ = std::thread([state = state_] { state->run(); });
}

LineStream::~LineStream() {
  close();
}

void LineStream::write(std::string_view text) {
  const std::scoped_lock lock(state_->mutex);
  if (state_->closing || text.empty()) return;
  const bool full = state_->waiting() > 0 && state_->waiting() + text.size() > kCapacity;
  if (state_->error != 0 || state_->unsaid > 0 || full) return state_->drop(text);
  state_->queued += text;
  state_->work.notify_one();
}

void LineStream::write_anyway(std::string_view text) {
  const std::scoped_lock lock(state_->mutex);
  if (state_->error != 0 || state_->closing) return;
  state_->tell_drops();
  state_->queued += text;
  state_->work.notify_one();
}

std::uint64_t LineStream::dropped() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->dropped;
}

int LineStream::close() {
  std::unique_lock lock(state_->mutex);
  if (!thread_.joinable()) return state_->error;  // closed before; a thread that was given up may still run
  state_->closing = true;
  state_->work.notify_one();
  const bool ended = state_->settled.wait_for(lock, kFlushTime, [this] { return state_->ended; });
  const int error = state_->error;
  if (!ended) unread_ = state_->waiting() > 0;
  lock.unlock();
  ended ? thread_.join() : thread_.detach();
  return error;
}
