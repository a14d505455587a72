#include "output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

namespace {

// A terminal or pipe shared with another program may have been made non-blocking by it.
bool can_retry(int errno_value) {
  if (errno_value == EINTR) return true;
  if (errno_value != EAGAIN) return false;
  pollfd writable{STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&writable, 1, -1) > 0 || errno == EINTR;
}

}  // namespace

void Output::write(std::string_view text) {
  while (!text.empty() && errno_ == 0) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (const int failure = errno; !can_retry(failure)) {
      errno_ = failure;
    }
  }
}

ExitCode Output::finish(ExitCode code) const {
  if (errno_ == 0 || errno_ == EPIPE) return code;
  const auto error = tcpkit::system_error(errno_, "write to standard output");
  std::fputs(("tcpkit: " + tcpkit::describe(error) + "\n").c_str(), stderr);
  return ExitCode::LocalLimit;
}
