#include "send_sink.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tcpkit/base/units.hpp>

#include "await_ready.hpp"

using namespace tcpkit;

namespace {

bool is_regular(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

std::string made_safe(char byte) {
  const bool safe = (byte >= ' ' && byte <= '~') || byte == '\n' || byte == '\t';
  return safe ? std::string(1, byte) : escape({&byte, 1});
}

}  // namespace

/// A pipe that poll(2) reports ready takes PIPE_BUF bytes without waiting (pipe(7)).
ReplySink::ReplySink(bool keeps, std::function<void()> broken)
    : keeps_(keeps),
      broken_(std::move(broken)),
      escapes_(::isatty(STDOUT_FILENO) == 1),
      most_at_once_(is_regular(STDOUT_FILENO) ? SIZE_MAX : PIPE_BUF) {}

int ReplySink::descriptor() const noexcept {
  return keeps_ ? -1 : STDOUT_FILENO;
}

std::size_t ReplySink::write(std::string_view bytes) {
  if (keeps_) return keep(bytes);
  return escapes_ ? write_escaped(bytes) : write_raw(bytes);
}

void ReplySink::restart() {
  kept_.clear();
  truncated_ = false;
}

std::size_t ReplySink::keep(std::string_view bytes) {
  const std::size_t room = kMostKept - kept_.size();
  truncated_ = truncated_ || bytes.size() > room;
  kept_ += bytes.substr(0, room);
  return bytes.size();
}

/// After a failure everything is taken and dropped: what is lost is not worth going on for, and the exit status tells.
std::size_t ReplySink::write_raw(std::string_view bytes) {
  if (errno_ != 0) return bytes.size();
  const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), std::min(bytes.size(), most_at_once_));
  if (written >= 0) return static_cast<std::size_t>(written);
  if (errno == EAGAIN || errno == EINTR) return 0;
  errno_ = errno;
  broken_();
  return bytes.size();
}

std::size_t ReplySink::write_escaped(std::string_view bytes) {
  if (!write_rest()) return 0;
  std::string text;
  std::size_t taken = 0;
  while (taken < bytes.size() && text.size() + 4 <= most_at_once_) text += made_safe(bytes[taken++]);
  rest_ = std::move(text);
  (void)write_rest();
  return taken;
}

/// Nothing is not written: a full device would refuse even that.
bool ReplySink::write_rest() {
  if (rest_.empty()) return true;
  rest_.erase(0, write_raw(rest_));
  return rest_.empty();
}

int ReplySink::finish(Clock::time_point deadline) {
  while (!write_rest() && await_ready(STDOUT_FILENO, POLLOUT, deadline)) {
  }
  return errno_ == EPIPE ? 0 : errno_;
}
