#include "lab/programs.hpp"

#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lab/relay.hpp"

namespace tcpkit::lab {
namespace {

constexpr int kNotStarted = 127;  // of a shell: command not found
constexpr Nanoseconds kPatience = std::chrono::seconds(10);
constexpr Nanoseconds kGrace = std::chrono::seconds(1);

void pause_briefly() {
  constexpr timespec kPause = {0, 5'000'000};
  ::nanosleep(&kPause, nullptr);
}

[[noreturn]] void become(const PathEnd& end, const std::vector<std::string>& command) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));  // execvp changes none
  words.push_back(nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (enter_network(end.pid())) ::execvp(words[0], words.data());
  const std::string complaint =
      fmt::format("path_lab: {}: {}\n", command[0], std::error_code(errno, std::system_category()).message());
  (void)!::write(STDERR_FILENO, complaint.data(), complaint.size());
  ::_exit(kNotStarted);
}

[[noreturn]] void become_background(const PathEnd& end, const std::string& command) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  become(end, {"/bin/sh", "-c", command});
}

}  // namespace

Result<pid_t> start_program(const PathEnd& end, const std::vector<std::string>& command) {
  const pid_t pid = ::fork();
  if (pid < 0) return system_error(errno, "start a process");
  if (pid == 0) become(end, command);
  return pid;
}

Result<Background> Background::start(const PathEnd& end, const std::string& command) {
  const pid_t pid = ::fork();
  if (pid < 0) return system_error(errno, "start a process");
  if (pid == 0) become_background(end, command);
  ::setpgid(pid, pid);  // here as well: whoever comes first
  return Background(pid);
}

Background::Background(Background&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}

Background::~Background() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGTERM);
  for (const Nanoseconds limit = now() + kGrace; now() < limit && !has_ended();) pause_briefly();
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

/// It is not waited for yet: its number, which is that of its group as well, stays its own.
bool Background::has_ended() const {
  siginfo_t facts = {};
  return ::waitid(P_PID, static_cast<id_t>(pid_), &facts, WEXITED | WNOHANG | WNOWAIT) == 0 && facts.si_pid == pid_;
}

Result<void> wait_for_listener(const PathEnd& end, const Background& program) {
  for (const Nanoseconds limit = now() + kPatience; now() < limit; pause_briefly()) {
    if (end.listens()) return {};
    if (program.has_ended()) return bad_value("the far command ended and nothing listens there");
  }
  return system_error(ETIMEDOUT, "wait for the far command to listen");
}

}  // namespace tcpkit::lab
