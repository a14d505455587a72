#include <tcpkit/proc/foreign_socket.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/descriptor.hpp"
#include "sock/socket_states.hpp"
#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/few_descriptors.hpp"

using namespace tcpkit;

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr long kPidfdGetfd = 438;

std::uint64_t cookie_of(int socket) {
  std::uint64_t cookie = 0;
  socklen_t length = sizeof(cookie);
  REQUIRE(::getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &length) == 0);
  return cookie;
}

void set(int socket, int level, int number, int value) {
  REQUIRE(::setsockopt(socket, level, number, &value, sizeof(value)) == 0);
}

/// The errno value that copying fails with; 0 when it does not.
int why_not(std::int64_t pid, int fd, std::uint64_t cookie = 0) {
  CopyCloser closer;
  const auto copied = ForeignSocket::copy({.pid = pid, .command = "test", .fd = fd}, cookie, closer);
  return copied ? 0 : copied.error().code.value();
}

std::string value_of(int socket, std::string_view name) {
  const Option* option = find_option(name);
  REQUIRE(option != nullptr);
  const OptionReading reading = read_option(socket, *option);
  return reading.value ? format_value(*option, *reading.value) : reading.reason;
}

/// A number that no descriptor of this process has.
int free_number() {
  const os::Descriptor high(::fcntl(0, F_DUPFD_CLOEXEC, 500));  // above what copying takes for itself
  return high.get();
}

/// System calls of that number fail with `errno_value` from now on, in this process.
bool forbid_call(long number, int errno_value) {
  const auto action = SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(errno_value);
  std::array<sock_filter, 4> program = {
      sock_filter{BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 1, static_cast<std::uint32_t>(number)},
      sock_filter{BPF_RET | BPF_K, 0, 0, action},
      sock_filter{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  };
  const sock_fprog filter = {program.size(), program.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// A connection with more on its way than its peer takes, which close(2) therefore waits for.
struct Clogged {
  os::Descriptor sender;
  os::Descriptor receiver;

  explicit Clogged(int linger_seconds) {
    test::Stage stage = test::set_stage(AF_INET, test::State::Connected);
    set(stage.client.get(), SOL_SOCKET, SO_SNDBUF, 65536);
    const std::vector<char> block(65536);
    while (::send(stage.client.get(), block.data(), block.size(), MSG_DONTWAIT) > 0) {
    }
    const linger waits = {1, linger_seconds};
    REQUIRE(::setsockopt(stage.client.get(), SOL_SOCKET, SO_LINGER, &waits, sizeof(waits)) == 0);
    sender = std::move(stage.client);
    receiver = std::move(stage.accepted);
  }

  /// Takes all there is; true when the end of the stream came within the time.
  [[nodiscard]] bool drain(milliseconds patience) const {
    std::vector<char> room(1 << 20);
    for (const auto until = Clock::now() + patience; Clock::now() < until;) {
      pollfd readable = {receiver.get(), POLLIN, 0};
      const auto left = std::chrono::duration_cast<milliseconds>(until - Clock::now());
      if (::poll(&readable, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0))) <= 0) return false;
      const ssize_t got = ::recv(receiver.get(), room.data(), room.size(), 0);
      if (got <= 0) return got == 0;
    }
    return false;
  }
};

/// A copy of our own descriptor, and then the only one that is left.
ForeignSocket last_copy(os::Descriptor socket, CopyCloser& closer) {
  auto copied = ForeignSocket::copy({.pid = ::getpid(), .command = "test", .fd = socket.get()}, 0, closer);
  REQUIRE(copied);
  return std::move(*copied);
}

std::ptrdiff_t open_descriptors() {
  std::ptrdiff_t open = 0;
  for (int number = 0; number < 1024; ++number) open += ::fcntl(number, F_GETFD) >= 0 ? 1 : 0;
  return open;
}

}  // namespace

TEST_CASE("a copy is the socket itself, and shows the options it has") {
  os::Descriptor socket = test::tcp_socket(AF_INET);
  const int number = socket.get();
  const std::uint64_t cookie = cookie_of(number);
  set(number, IPPROTO_TCP, 4, 321);
  const test::Child child;
  socket = os::Descriptor();
  CopyCloser closer;
  const auto copied = ForeignSocket::copy({.pid = child.pid(), .command = "test", .fd = number}, cookie, closer);
  REQUIRE(copied);
  CHECK(cookie_of(copied->descriptor()) == cookie);
  CHECK(value_of(copied->descriptor(), "keepidle") == "321 s (5 min 21 s)");
  CHECK(value_of(copied->descriptor(), "nodelay") == "off");
  CHECK((::fcntl(copied->descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("looking leaves nothing open, and the process its socket") {
  const test::Stage stage = test::set_stage(AF_INET, test::State::Connected);
  const test::Child child;
  const std::ptrdiff_t before = open_descriptors();
  {
    CopyCloser closer;
    ProcessDoors doors;
    for (int i = 0; i < 100; ++i) {
      const SocketHolder holder{
          .pid = i % 2 == 0 ? child.pid() : ::getpid(), .command = "test", .fd = stage.client.get()};
      auto copied = ForeignSocket::copy(holder, 0, doors, closer);
      REQUIRE(copied);
      auto moved = std::move(*copied);
      for (const Option* option : telling_options()) CHECK(moved.read(*option).option == option);
    }
  }
  CHECK(open_descriptors() == before);
  CHECK(::send(stage.client.get(), "x", 1, 0) == 1);
  char byte = 0;
  CHECK(::recv(stage.accepted.get(), &byte, 1, 0) == 1);
}

TEST_CASE("doors to more processes than are kept open at once serve all the same") {
  const os::Descriptor socket = test::tcp_socket(AF_INET);
  std::vector<std::unique_ptr<test::Child>> children;
  for (int i = 0; i < 20; ++i) children.push_back(std::make_unique<test::Child>());
  CopyCloser closer;
  ProcessDoors doors;
  const std::ptrdiff_t before = open_descriptors();
  for (int round = 0; round < 2; ++round) {
    for (const auto& child : children) {
      const SocketHolder holder{.pid = child->pid(), .command = "test", .fd = socket.get()};
      CHECK(ForeignSocket::copy(holder, 0, doors, closer));
    }
  }
  CHECK(open_descriptors() - before <= 16);
}

TEST_CASE("what is not that socket is not copied, and says why") {
  const os::Descriptor socket = test::tcp_socket(AF_INET);
  const os::Descriptor other = test::tcp_socket(AF_INET);
  const os::Descriptor file(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  std::array<int, 2> pipe = {};
  REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  const os::Descriptor read_end(pipe[0]);
  const os::Descriptor write_end(pipe[1]);
  const test::Child child;
  CHECK(why_not(child.pid(), socket.get(), cookie_of(socket.get())) == 0);
  CHECK(why_not(child.pid(), socket.get(), cookie_of(other.get())) == ESTALE);
  CHECK(why_not(child.pid(), file.get()) == ENOTSOCK);
  CHECK(why_not(child.pid(), read_end.get()) == ENOTSOCK);
  CHECK(why_not(child.pid(), write_end.get()) == ENOTSOCK);
  CHECK(why_not(::getpid(), free_number()) == EBADF);
  CHECK(why_not(child.pid(), -1) == EBADF);
  for (const std::int64_t pid : {INT64_C(0), INT64_C(-1), INT64_C(2147483648), INT64_C(4294967297), INT64_MAX}) {
    CAPTURE(pid);
    CHECK(why_not(pid, socket.get()) == ESRCH);
  }
}

TEST_CASE("UDP and Unix sockets are copied too, for a number tells nothing of its kind") {
  const auto [family, type] = GENERATE(table<int, int>({{AF_INET, SOCK_DGRAM}, {AF_UNIX, SOCK_STREAM}}));
  const os::Descriptor socket(::socket(family, type | SOCK_CLOEXEC, 0));
  CHECK(why_not(::getpid(), socket.get(), cookie_of(socket.get())) == 0);
  CHECK(why_not(::getpid(), socket.get(), cookie_of(socket.get()) + 1) == ESTALE);
}

TEST_CASE("a process that has ended is gone, waited for or not") {
  const os::Descriptor socket = test::tcp_socket(AF_INET);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t ended = {};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) == 0);
  CHECK(why_not(child, socket.get()) == ESRCH);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK(why_not(child, socket.get()) == ESRCH);
}

TEST_CASE("a number that another process has by now leads into that one") {
  if (test::skips_without_root()) return;
  struct CloneArguments {  // struct clone_args of include/uapi/linux/sched.h, newer than some headers
    std::uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size;
  };
  const os::Descriptor socket = test::tcp_socket(AF_INET);
  CopyCloser closer;
  ProcessDoors doors;
  auto first = std::make_unique<test::Child>();
  const pid_t pid = first->pid();
  const SocketHolder holder{.pid = pid, .command = "test", .fd = socket.get()};
  CHECK(ForeignSocket::copy(holder, 0, doors, closer));
  first->end();
  const auto after_end = ForeignSocket::copy(holder, 0, doors, closer);
  REQUIRE_FALSE(after_end);
  CHECK(after_end.error().code.value() == ESRCH);
  CloneArguments arguments = {};
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<std::uint64_t>(&pid);
  arguments.set_tid_size = 1;
  const long second = ::syscall(SYS_clone3, &arguments, sizeof(arguments));
  if (second == 0) {
    ::pause();
    ::_exit(0);
  }
  if (second < 0) {
    WARN("skipped: the kernel does not give a process number of our choice");
    return;
  }
  CHECK(ForeignSocket::copy(holder, 0, doors, closer));
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

TEST_CASE("another user's process is not permitted, nor one of the own that is not dumpable") {
  if (test::skips_without_root()) return;
  const os::Descriptor socket = test::tcp_socket(AF_INET);
  const test::Child roots;
  const test::Child nobodys([] { test::become_nobody(); });  // whoever changes user is not dumpable from then on
  const auto as_nobody = [&](pid_t target) {
    return test::in_child([&] { return test::become_nobody() ? why_not(target, socket.get()) : test::kChildFailed; });
  };
  CHECK(as_nobody(roots.pid()) == EPERM);
  CHECK(as_nobody(nobodys.pid()) == EPERM);
  CHECK(why_not(nobodys.pid(), socket.get()) == 0);  // root may
}

TEST_CASE("one's own user's dumpable process is permitted without root") {
  if (test::skips_without_root()) return;
  const os::Descriptor socket = test::tcp_socket(AF_INET);
  const test::Child dumpable([] {
    test::become_nobody();
    ::prctl(PR_SET_DUMPABLE, 1);
  });
  const int outcome = test::in_child(
      [&] { return test::become_nobody() ? why_not(dumpable.pid(), socket.get()) : test::kChildFailed; });
  if (outcome == EPERM && ::access("/proc/sys/kernel/yama/ptrace_scope", F_OK) == 0) {
    WARN("skipped: Yama allows less");
    return;
  }
  CHECK(outcome == 0);
}

TEST_CASE("a seccomp filter that forbids copying is told from a lack of rights") {
  const os::Descriptor socket = test::tcp_socket(AF_INET);
  const test::Child child;
  const int answer = GENERATE(EPERM, ENOSYS);
  CAPTURE(answer);
  const int outcome = test::in_child(
      [&] { return forbid_call(kPidfdGetfd, answer) ? why_not(child.pid(), socket.get()) : test::kChildFailed; });
  CHECK(outcome == ENOSYS);
}

TEST_CASE("without descriptors of our own nothing is copied, and that is said") {
  if (test::kSanitizerNeedsDescriptors) return;
  const os::Descriptor socket = test::tcp_socket(AF_INET);
  for (int left = 0; left < 2; ++left) {
    CAPTURE(left);
    const test::FewDescriptors few(left);
    CHECK(why_not(::getpid(), socket.get()) == EMFILE);
  }
}

TEST_CASE("why there is no copy is told in words") {
  const auto words = [](int errno_value) { return describe_no_copy(system_error(errno_value, "copy it")); };
  CHECK(words(EPERM).starts_with("unreadable: not permitted ("));
  CHECK(words(EPERM).find("CAP_SYS_PTRACE") != std::string::npos);
  CHECK(words(ENOSYS).find("seccomp") != std::string::npos);
  CHECK(words(ESRCH) == "gone: the process has ended");
  CHECK(words(EBADF) == "gone: the process has closed it");
  CHECK(words(ESTALE) == "gone: the descriptor is another socket by now");
  CHECK(words(ENOTSOCK) == "gone: the descriptor is no socket any more");
  CHECK(words(EIO) == "unreadable: Input/output error");
}

TEST_CASE("the last close of a lingering socket holds nobody up") {
  const Clogged first(30);
  CopyCloser closer;
  const auto start = Clock::now();
  { const ForeignSocket copy = last_copy(os::Descriptor(::dup(first.sender.get())), closer); }
  CHECK(Clock::now() - start < seconds(1));
}

TEST_CASE("a close that waits holds up neither the caller nor the next close") {
  Clogged slow(30);
  Clogged quick(30);
  std::optional<CopyCloser> closer(std::in_place);
  const auto start = Clock::now();
  {
    ForeignSocket one = last_copy(std::move(slow.sender), *closer);
    CHECK(one.read(*find_option("SO_LINGER")).value);  // that it was read last changes nothing where it is on
    const ForeignSocket two = last_copy(std::move(quick.sender), *closer);
  }
  CHECK(Clock::now() - start < milliseconds(900));
  CHECK(quick.drain(seconds(5)));  // its close has sent the FIN, though the other one waits
  const auto end = Clock::now();
  closer.reset();
  CHECK(Clock::now() - end >= milliseconds(900));  // so long it waited for the slow one: it is really not closed
  CHECK(Clock::now() - end < seconds(3));
  CHECK(slow.drain(seconds(5)));
}

TEST_CASE("a closer with nothing to wait for ends at once") {
  const auto start = Clock::now();
  {
    CopyCloser closer;
    Clogged reset(0);  // SO_LINGER of no time throws away what is left
    { const ForeignSocket copy = last_copy(std::move(reset.sender), closer); }
    const os::Descriptor file(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
    closer.close(::dup(file.get()));
  }
  CHECK(Clock::now() - start < milliseconds(900));
}

TEST_CASE("about twenty options tell most, and reading them consumes nothing") {
  const auto rows = telling_options();
  CHECK(rows.size() >= 18);
  CHECK(rows.size() <= 24);
  for (const Option* row : rows) {
    CAPTURE(row->symbol);
    CHECK_FALSE(row->consuming_read);
    CHECK_FALSE(row->secret);
    CHECK(row->access == Access::ReadWrite);
  }
  for (const char* name : {"nodelay", "keepalive", "user-timeout", "linger", "notsent-lowat", "buf-lock"}) {
    CAPTURE(name);
    CHECK(std::ranges::find(rows, find_option(name)) != rows.end());
  }
}

TEST_CASE("an error that waits for the program is still there after a look") {
  const os::Descriptor socket = test::tcp_socket(AF_INET);
  const os::Descriptor bound = test::tcp_socket(AF_INET);
  sockaddr_storage address = {};
  socklen_t length = 0;
  {
    const os::Descriptor listener = test::tcp_socket(AF_INET);
    REQUIRE(test::listen_on_loopback(listener.get(), AF_INET, address, length));
  }
  REQUIRE(::fcntl(socket.get(), F_SETFL, O_NONBLOCK) == 0);
  REQUIRE(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0);
  CopyCloser closer;
  auto copied = ForeignSocket::copy({.pid = ::getpid(), .command = "test", .fd = socket.get()}, 0, closer);
  REQUIRE(copied);
  std::vector<OptionReading> readings;
  for (const Option& row : options()) readings.push_back(copied->read(row));
  CHECK(std::ranges::any_of(readings, [](const OptionReading& one) { return one.reason == "consuming read"; }));
  int error = 0;
  length = sizeof(error);
  REQUIRE(::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length) == 0);
  CHECK(error == ECONNREFUSED);
}
