#include "lab/path_end.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tcpkit/base/units.hpp>

#include "base/split.hpp"
#include "lab/device.hpp"

namespace tcpkit::lab {
namespace {

/// The life of a holder: it tells that the namespace is there, or why not, and waits for its end.
[[noreturn]] void hold_namespace(int told, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int failed = ::unshare(CLONE_NEWNET) == 0 ? 0 : errno;
  // Its parent may have ended before the death signal was asked for.
  if (::write(told, &failed, sizeof failed) != sizeof failed || failed != 0 || ::getppid() != parent) ::_exit(1);
  ::close_range(0, ~0U, 0);  // nobody waits for an end of file because of it
  for (;;) ::pause();
}

Result<pid_t> start_holder() {
  std::array<int, 2> ends = {};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error(errno, "make a pipe");
  const os::Descriptor told(ends[0]);
  os::Descriptor tell(ends[1]);
  const pid_t parent = ::getpid();
  const pid_t holder = ::fork();
  if (holder < 0) return system_error(errno, "start a process");
  if (holder == 0) hold_namespace(tell.get(), parent);
  tell = os::Descriptor();
  int failed = ECHILD;
  if (::read(told.get(), &failed, sizeof failed) == sizeof failed && failed == 0) return holder;
  ::waitpid(holder, nullptr, 0);
  return system_error(failed, "make a network namespace");
}

Result<void> write_sysctl(const char* path, std::string_view value) {
  const os::Descriptor file(::open(path, O_WRONLY | O_CLOEXEC));
  const bool written = file && ::write(file.get(), value.data(), value.size()) == std::ssize(value);
  return written ? Result<void>() : system_error(errno, fmt::format("write {} to {}", value, path));
}

Result<os::Descriptor> set_up(const EndPlan& plan) {
  if (auto done = raise_loopback(); !done) return done.error();
  if (!plan.keep_metrics) {
    if (auto done = write_sysctl("/proc/sys/net/ipv4/tcp_no_metrics_save", "1"); !done) return done.error();
  }
  return make_device(plan);
}

/// As long as a file of /proc may be, since those have no size.
std::string read_file(const std::string& path) {
  const os::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> part = {};
  for (ssize_t got = 0; (got = ::read(file.get(), part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace

Result<void> enter_network(pid_t pid) {
  const os::Descriptor there(::open(fmt::format("/proc/{}/ns/net", pid).c_str(), O_RDONLY | O_CLOEXEC));
  if (there && ::setns(there.get(), CLONE_NEWNET) == 0) return {};
  return system_error(errno, "enter a network namespace");
}

Result<PathEnd> PathEnd::make(const EndPlan& plan) {
  const os::Descriptor home(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!home) return system_error(errno, "open the own network namespace");
  const Result<pid_t> holder = start_holder();
  if (!holder) return holder.error();
  PathEnd end(*holder);
  if (auto entered = enter_network(*holder); !entered) return entered.error();
  Result<os::Descriptor> device = set_up(plan);
  if (::setns(home.get(), CLONE_NEWNET) != 0) return system_error(errno, "return to the own network namespace");
  if (!device) return device.error();
  end.device_ = std::move(*device);
  return end;
}

PathEnd::PathEnd(PathEnd&& other) noexcept : pid_(std::exchange(other.pid_, -1)), device_(std::move(other.device_)) {}

PathEnd::~PathEnd() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::optional<std::uint64_t> PathEnd::missed() const {
  constexpr std::size_t kSentAndDropped = 12;  // of the words of a line of /proc/net/dev, the name first
  const std::string text = read_file(fmt::format("/proc/{}/net/dev", pid_));
  for (const std::string_view line : split(text, '\n')) {
    const std::vector<std::string_view> columns = words(line);
    if (columns.size() <= kSentAndDropped || columns[0] != fmt::format("{}:", kDevice)) continue;
    const Result<std::uint64_t> number = parse_unsigned(columns[kSentAndDropped], 0, UINT64_MAX);
    if (number) return *number;
  }
  return std::nullopt;
}

bool PathEnd::listens() const {
  constexpr std::string_view kListen = "0A";  // TCP_LISTEN, the fourth word of a line
  const auto is_listener = [&](std::string_view line) {
    const std::vector<std::string_view> columns = words(line);
    return columns.size() > 3 && columns[3] == kListen;
  };
  const auto has_listener = [&](const char* file) {
    const std::string text = read_file(fmt::format("/proc/{}/net/{}", pid_, file));
    return std::ranges::any_of(split(text, '\n'), is_listener);
  };
  return has_listener("tcp") || has_listener("tcp6");
}

}  // namespace tcpkit::lab
