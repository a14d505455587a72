#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

#include "lab/lab.hpp"

namespace {

using namespace tcpkit;

constexpr int kUsage = 2;
constexpr int kNoLab = 125;  // as timeout(1) and env(1): what was wrong was not the command

int complain(const Error& error, int status) {
  fmt::print(stderr, "path_lab: {}\n", describe(error));
  return status;
}

os::Descriptor watch_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM}) ::sigaddset(&set, signal);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return os::Descriptor(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

Result<int> run(const lab::Options& options) {
  os::Descriptor signals = watch_signals();
  ::prctl(PR_SET_TIMERSLACK, 1);  // a packet leaves when it should, not up to 50 us later
  Result<lab::PathEnd> near = lab::PathEnd::make({"10.77.0.1", "fd77::1", options.mtu, options.keep_metrics});
  if (!near) return near.error();
  Result<lab::PathEnd> far = lab::PathEnd::make({"10.77.0.2", "fd77::2", options.mtu, options.keep_metrics});
  if (!far) return far.error();
  return lab::Lab(options, std::move(*near), std::move(*far), std::move(signals)).run();
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  const Result<lab::Options> options = lab::parse_options(words);
  if (!options) return complain(options.error(), kUsage);
  if (options->help) {
    fmt::print("{}", lab::help_text());
    return 0;
  }
  const Result<int> status = run(*options);
  return status ? *status : complain(status.error(), kNoLab);
}
