#pragma once

#include <array>
#include <csignal>
#include <functional>

#include <sys/wait.h>
#include <unistd.h>

#include "os/descriptor.hpp"
#include "support/catch.hpp"

/// Processes of a test's own.
namespace tcpkit::test {

inline constexpr int kChildFailed = 99;
inline constexpr uid_t kNobody = 65534;

/// A child that does what `body` says, tells that it did, and stays until it is let go.
class Child {
 public:
  explicit Child(const std::function<void()>& body = [] {}) {
    std::array<int, 2> ready = {};
    std::array<int, 2> leave = {};
    REQUIRE(::pipe(ready.data()) == 0);
    REQUIRE(::pipe(leave.data()) == 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(leave[1]);
      body();
      char byte = 'r';
      if (::write(ready[1], &byte, 1) == 1 && ::read(leave[0], &byte, 1) == 0) ::_exit(0);
      ::_exit(kChildFailed);
    }
    ::close(ready[1]);
    ::close(leave[0]);
    const os::Descriptor wait(ready[0]);
    leave_ = os::Descriptor(leave[1]);
    char byte = 0;
    REQUIRE(::read(wait.get(), &byte, 1) == 1);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { end(); }

  [[nodiscard]] pid_t pid() const { return pid_; }

  /// Ends it and waits for that, after which its number is free. Its pipe alone would not do: children started later
  /// have the other end of it as well.
  void end() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  os::Descriptor leave_;
  pid_t pid_ = -1;
};

/// What a child of its own ends with.
inline int in_child(const std::function<int()>& body) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(body());
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return WIFEXITED(status) ? WEXITSTATUS(status) : kChildFailed;
}

/// Gives up all of root's rights. False when it could not.
inline bool become_nobody() {
  return ::setresgid(kNobody, kNobody, kNobody) == 0 && ::setresuid(kNobody, kNobody, kNobody) == 0;
}

/// Without root's rights some things cannot be tried: the test says so and ends.
inline bool skips_without_root() {
  if (::getuid() == 0) return false;
  WARN("skipped: it takes root to become another user");
  return true;
}

}  // namespace tcpkit::test
