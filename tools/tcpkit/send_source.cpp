#include "send_source.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tcpkit/base/units.hpp>

#include "await_ready.hpp"

using namespace tcpkit;

namespace {

/// A file that cannot be had is a wrong argument; one that may not be read, or not now, is not.
Error open_error(int errno_value, std::string doing) {
  constexpr std::array kNotTheArgument = {EACCES, EPERM, EMFILE, ENFILE, ENOMEM, EIO};
  const bool argument = std::ranges::find(kNotTheArgument, errno_value) == kNotTheArgument.end();
  Error error = system_error(errno_value, std::move(doing));
  return argument ? bad_value(describe(error)) : error;
}

bool is_closed(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  return flags < 0 || (flags & O_ACCMODE) == O_WRONLY;
}

}  // namespace

void Message::Closer::operator()(const int* descriptor) const {
  if (*descriptor != STDIN_FILENO) ::close(*descriptor);
  delete descriptor;
}

Result<Message> Message::open(const MessageSource& source, bool again, Clock::time_point deadline) {
  Message text;
  text.text_ = source.text;
  if (source.kind == MessageSource::Kind::Text) return text;
  const bool is_file = source.kind == MessageSource::Kind::File;
  Result<Message> message = is_file ? open_file(source.text) : open_standard_input();
  if (!message || !again || message->seekable_) return message;
  if (auto read = message->keep_whole(deadline); !read) return read.error();
  return message;
}

Result<std::string> Message::read_whole(const MessageSource& source, Clock::time_point deadline) {
  Result<Message> message = open(source, false, deadline);
  if (!message) return message.error();
  return message->read_to_end(deadline);
}

/// A FIFO without a writer would keep open(2) waiting, but not poll(2).
Result<Message> Message::open_file(const std::string& path) {
  const std::string doing = fmt::format("--file {}", quote(path));
  const int file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (file < 0) return open_error(errno, doing);
  Message message;
  message.file_.reset(new int(file));
  message.doing_ = doing;
  struct stat status {};
  if (::fstat(file, &status) != 0) return open_error(errno, doing);
  if (S_ISDIR(status.st_mode)) return open_error(EISDIR, doing);
  message.seekable_ = S_ISREG(status.st_mode);
  return message;
}

Result<Message> Message::open_standard_input() {
  Message message;
  message.doing_ = "read standard input";
  message.file_.reset(new int(STDIN_FILENO));
  struct stat status {};
  if (is_closed(STDIN_FILENO) || ::fstat(STDIN_FILENO, &status) != 0) {
    Error error = system_error(EBADF, message.doing_);
    error.hint = "it is closed: give a MESSAGE or --file";
    return error;
  }
  if (S_ISDIR(status.st_mode)) return open_error(EISDIR, message.doing_);
  return message;
}

int Message::descriptor() const noexcept {
  return file_ ? *file_ : -1;
}

Result<std::size_t> Message::read(std::span<char> room) {
  if (!file_) {
    const std::size_t count = text_.copy(room.data(), room.size(), at_);
    at_ += count;
    return count;
  }
  const ssize_t got = ::read(*file_, room.data(), room.size());
  if (got >= 0) return static_cast<std::size_t>(got);
  return system_error(errno == EINTR ? EAGAIN : errno, doing_);
}

void Message::rewind() {
  at_ = 0;
  if (seekable_) ::lseek(*file_, 0, SEEK_SET);
}

Result<void> Message::keep_whole(Clock::time_point deadline) {
  Result<std::string> whole = read_to_end(deadline);
  if (!whole) return whole.error();
  whole_ = std::make_unique<std::string>(std::move(*whole));
  text_ = *whole_;
  file_.reset();
  return {};
}

Result<std::string> Message::read_to_end(Clock::time_point deadline) {
  std::string whole;
  std::string room(64U << 10, '\0');
  for (;;) {
    if (file_ && !await_ready(*file_, POLLIN, deadline)) {
      return Error{make_error_code(std::errc::timed_out), doing_, "the deadline passed"};
    }
    const Result<std::size_t> got = read(room);
    if (!got && got.error().code == std::errc::resource_unavailable_try_again) continue;
    if (!got) return got.error();
    if (*got == 0) return whole;
    whole.append(room, 0, *got);
    if (whole.size() > kMostRequestBytes) {
      return bad_value(
          fmt::format("{}: more than {}, the most that is kept in memory", doing_, format_bytes(kMostRequestBytes)));
    }
  }
}
