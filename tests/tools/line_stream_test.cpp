#include "line_stream.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "support/catch.hpp"

namespace {

using Clock = std::chrono::steady_clock;

/// A pipe whose reader decides when it reads.
class Pipe {
 public:
  Pipe() { REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_reader();
    close_writer();
  }

  [[nodiscard]] int writer() const { return ends_[1]; }
  void close_reader() { close_end(ends_[0]); }
  void close_writer() { close_end(ends_[1]); }

  /// All there is until the writer is closed.
  std::string rest() const {
    std::string text;
    std::array<char, 65536> chunk{};
    for (ssize_t got = 0; (got = ::read(ends_[0], chunk.data(), chunk.size())) > 0;) {
      text.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  static void close_end(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
  }

  std::array<int, 2> ends_{-1, -1};
};

std::string note(std::uint64_t lines) {
  return std::to_string(lines) + " missing\n";
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

std::string numbered(std::uint64_t number) {
  return std::to_string(number) + std::string(90, ' ') + "\n";
}

/// The number that the next line would have, if each line of the text has the number it should after those before it,
/// written or noted as missing.
std::optional<std::uint64_t> follow(const std::string& text) {
  std::uint64_t next = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::uint64_t number = std::stoull(line);
    const bool is_note = line.ends_with(" missing");
    if (!is_note && number != next) return std::nullopt;
    next += is_note ? number : 1;
  }
  return next;
}

}  // namespace

TEST_CASE("lines arrive whole and in order") {
  Pipe pipe;
  std::string expected;
  LineStream stream(pipe.writer(), note);
  for (int number = 0; number < 1000; ++number) {
    const std::string line = "line " + std::to_string(number) + "\n";
    expected += line;
    stream.write(line);
  }
  CHECK(stream.close() == 0);
  CHECK(stream.dropped() == 0);
  pipe.close_writer();
  CHECK(pipe.rest() == expected);
}

TEST_CASE("a reader that stalls makes nobody wait: lines are dropped, and a note stands where they are missing") {
  constexpr std::uint64_t kLines = 30'000;
  const std::string line = std::string(99, 'x') + "\n";
  Pipe pipe;
  LineStream stream(pipe.writer(), note);
  for (std::uint64_t number = 0; number < kLines; ++number) stream.write(line);
  const std::uint64_t dropped = stream.dropped();
  CHECK(dropped > kLines / 2);
  CHECK(dropped < kLines);

  std::string text;
  std::thread reader([&] { text = pipe.rest(); });
  CHECK(stream.close() == 0);
  pipe.close_writer();
  reader.join();
  CHECK(count(text, " missing\n") == 1);
  CHECK(count(text, std::to_string(dropped) + " missing\n") == 1);
  CHECK(count(text, "\n") == kLines - dropped + 1);
}

TEST_CASE("every gap has its note in its place") {
  Pipe pipe;
  LineStream stream(pipe.writer(), note);
  std::uint64_t written = 0;
  const auto write_next = [&] { stream.write(numbered(written++)); };
  while (stream.dropped() == 0) write_next();
  std::string text;
  std::thread reader([&] { text = pipe.rest(); });
  const auto until = Clock::now() + std::chrono::seconds(20);
  for (auto before = stream.dropped(); Clock::now() < until; before = stream.dropped()) {
    write_next();
    if (stream.dropped() == before) break;
    std::this_thread::yield();
  }
  CHECK(stream.close() == 0);
  pipe.close_writer();
  reader.join();
  CHECK(count(text, " missing\n") == 1);
  CHECK(follow(text) == written);
}

TEST_CASE("last words are not dropped, and come after the note of what was") {
  Pipe pipe;
  LineStream stream(pipe.writer(), note);
  std::uint64_t written = 0;
  while (stream.dropped() == 0) stream.write(numbered(written++));
  stream.write_anyway("last words\n");
  std::string text;
  std::thread reader([&] { text = pipe.rest(); });
  CHECK(stream.close() == 0);
  pipe.close_writer();
  reader.join();
  CHECK(text.ends_with("1 missing\nlast words\n"));
}

TEST_CASE("closing gives up on a reader that never comes after about a second") {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  LineStream stream(::dup(pipe.writer()), note);  // left open: the thread that is given up may still write to it
  stream.write(std::string(LineStream::kCapacity / 2, 'x') + "\n");
  const auto begin = Clock::now();
  CHECK(stream.close() == 0);
  const auto took = Clock::now() - begin;
  CHECK(took >= std::chrono::milliseconds(900));
  CHECK(took < std::chrono::seconds(10));
}

TEST_CASE("a reader that goes away is told at the end, and what it missed is counted") {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.close_reader();
  LineStream stream(pipe.writer(), note);
  for (int number = 0; number < 100; ++number) stream.write("line\n");
  CHECK(stream.close() == EPIPE);
  CHECK(stream.dropped() == 100);
}

TEST_CASE("a text longer than the room is taken where nothing waits, and others after it") {
  Pipe pipe;
  LineStream stream(pipe.writer(), note);
  std::string all;
  std::thread reader([&] { all = pipe.rest(); });
  const std::string text(LineStream::kCapacity + 1, 'x');
  stream.write(text);
  stream.write_anyway("\nlast\n");
  CHECK(stream.close() == 0);
  pipe.close_writer();
  reader.join();
  CHECK(stream.dropped() == 0);
  CHECK((all == text + "\nlast\n"));
}

TEST_CASE("an output that is full or closed is told at the end") {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  LineStream stream(full, note);
  stream.write("line\n");
  CHECK(stream.close() == ENOSPC);
  ::close(full);
  LineStream closed(full, note);
  closed.write("line\n");
  CHECK(closed.close() == EBADF);
}

TEST_CASE("a line longer than a pipe takes at once arrives whole") {
  Pipe pipe;
  const std::string line = std::string(200'000, 'x') + "\n";
  LineStream stream(pipe.writer(), note);
  stream.write(line);
  std::string text;
  std::thread reader([&] { text = pipe.rest(); });
  CHECK(stream.close() == 0);
  pipe.close_writer();
  reader.join();
  CHECK(text == line);
}
