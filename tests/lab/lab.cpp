#include "lab/lab.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tcpkit::lab {
namespace {

constexpr int kBySignal = 128;  // a shell's status of a command that a signal ended

void print_line(std::FILE* file, const std::string& line) {
  fmt::print(file, "{}\n", line);
  std::fflush(file);
}

bool is_readable(int descriptor) {
  pollfd one = {descriptor, POLLIN, 0};
  return ::poll(&one, 1, 0) == 1;
}

timespec until(Nanoseconds time) {
  const Nanoseconds left = std::max(Nanoseconds::zero(), time - now());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
  return {seconds.count(), (left - seconds).count()};
}

}  // namespace

Lab::Lab(const Options& options, PathEnd near, PathEnd far, os::Descriptor signals)
    : options_(options),
      near_(std::move(near)),
      far_(std::move(far)),
      signals_(std::move(signals)),
      relay_(near_.device(), far_.device(), options.settings, options.seed, options.mtu) {}

Result<int> Lab::run() {
  if (auto begun = begin(); !begun) return begun.error();
  while (!ended_) {
    wait();
    relay_.pass();
    take_signals();
    take_control();
  }
  print_line(command_ < 0 ? stdout : stderr, counters());
  return status_;
}

Result<void> Lab::begin() {
  ::setenv("TCPKIT_NEAR_PID", fmt::format("{}", near_.pid()).c_str(), 1);
  ::setenv("TCPKIT_FAR_PID", fmt::format("{}", far_.pid()).c_str(), 1);
  for (const std::string& command : options_.far) {
    Result<Background> started = Background::start(far_, command);
    if (!started) return started.error();
    background_.push_back(std::move(*started));
    if (auto listening = wait_for_listener(far_, background_.back()); !listening) return listening;
  }
  if (options_.command.empty()) {
    print_line(stdout, fmt::format("near {} far {}", near_.pid(), far_.pid()));
    return {};
  }
  const Result<pid_t> started = start_program(near_, options_.command);
  if (!started) return started.error();
  command_ = *started;
  return {};
}

void Lab::wait() const {
  const int control = command_ < 0 ? STDIN_FILENO : -1;  // poll skips what is negative
  std::array<pollfd, 4> watched = {
      {{near_.device(), POLLIN, 0}, {far_.device(), POLLIN, 0}, {signals_.get(), POLLIN, 0}, {control, POLLIN, 0}}};
  const std::optional<Nanoseconds> next = relay_.next();
  const timespec left = next ? until(*next) : timespec{};
  ::ppoll(watched.data(), watched.size(), next ? &left : nullptr, nullptr);
}

void Lab::take_signals() {
  signalfd_siginfo signal = {};
  while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
    if (signal.ssi_signo == SIGCHLD) {
      reap();
    } else if (command_ < 0) {
      ended_ = true;
    } else if (signal.ssi_signo == SIGTERM) {
      ::kill(command_, SIGTERM);
    }  // a terminal sends SIGINT to the command as well, and it decides
  }
}

void Lab::reap() {
  int status = 0;
  if (command_ < 0 || ::waitpid(command_, &status, WNOHANG) != command_) return;
  ended_ = true;
  status_ = WIFEXITED(status) ? WEXITSTATUS(status) : kBySignal + WTERMSIG(status);
}

void Lab::take_control() {
  if (command_ >= 0 || !is_readable(STDIN_FILENO)) return;
  std::array<char, 4096> part = {};
  const ssize_t length = ::read(STDIN_FILENO, part.data(), part.size());
  if (length <= 0) {
    ended_ = true;
    return;
  }
  lines_.add({part.data(), static_cast<std::size_t>(length)});
  while (const std::optional<std::string> line = lines_.next()) obey(*line);
}

void Lab::obey(const std::string& line) {
  if (line == "counters") return print_line(stdout, counters());
  const Result<void> changed = change_setting(options_.settings, line);
  if (!changed) return print_line(stdout, fmt::format("error {}", describe(changed.error())));
  relay_.change(options_.settings);
  print_line(stdout, fmt::format("ok {}", printable(line)));
}

std::string Lab::counters() const {
  Counters out = relay_.out();
  Counters back = relay_.back();
  out.missed = near_.missed();
  back.missed = far_.missed();
  return format_counters(out, back);
}

}  // namespace tcpkit::lab
