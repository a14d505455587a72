#include "output.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

namespace {

// A terminal or pipe shared with another program may have been made non-blocking by it.
bool can_retry(int descriptor, int errno_value) {
  if (errno_value == EINTR) return true;
  if (errno_value != EAGAIN) return false;
  pollfd writable{descriptor, POLLOUT, 0};
  return ::poll(&writable, 1, -1) > 0 || errno == EINTR;
}

}  // namespace

Output::Output() : Output(STDOUT_FILENO) {}

void Output::write(std::string_view text) {
  constexpr std::size_t kEnough = 65'536;  // what a pipe holds, pipe(7)
  if (stream_) return stream_->write(text);
  if (!gathers_) return write_now(text);
  gathered_ += text;
  if (file_) return;
  if (gathered_.size() >= kEnough) flush();
}

tcpkit::Result<void> Output::write_to(const std::string& file) {
  auto place = OutputFile::at(file);
  if (!place) return place.error();
  file_ = std::move(*place);
  gathers_ = true;
  return {};
}

void Output::flush() {
  if (file_) return;
  write_now(gathered_);
  gathered_.clear();
}

void Output::stop_gathering() {
  flush();
  gathers_ = file_.has_value();
}

void Output::write_now(std::string_view text) {
  while (!text.empty() && errno_ == 0) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (const int failure = errno; !can_retry(descriptor_, failure)) {
      errno_ = failure;
    }
  }
}

void Output::stream(LineStream::DropNote note) {
  stream_ = std::make_unique<LineStream>(descriptor_, std::move(note));
}

int Output::close() {
  flush();
  if (stream_) errno_ = stream_->close();
  return errno_;
}

ExitCode Output::finish(ExitCode code, Output& errors) {
  if (file_ && gathered_.empty() && code != ExitCode::Done) {  // no result: the one before stays
    errors.close();
    return code;
  }
  if (file_) {
    const auto written = file_->replace(gathered_);
    if (!written) errors.write("tcpkit: " + tcpkit::describe(written.error()) + "\n");
    errors.close();
    return written ? code : ExitCode::LocalLimit;
  }
  const int failure = close();
  const bool failed = failure != 0 && failure != EPIPE;
  if (failed)
    errors.write("tcpkit: " + tcpkit::describe(tcpkit::system_error(failure, "write to standard output")) + "\n");
  if (stream_ && stream_->unread()) {
    errors.write("tcpkit: the last lines on standard output were not taken by its reader, and are lost\n");
  }
  errors.close();
  return failed ? ExitCode::LocalLimit : code;
}
