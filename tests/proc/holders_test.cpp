#include <tcpkit/proc/holders.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <future>

#include "os/descriptor.hpp"
#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/few_descriptors.hpp"

using namespace tcpkit;

namespace {

os::Descriptor open_socket(int family, int type) {
  os::Descriptor socket(::socket(family, type | SOCK_CLOEXEC, 0));
  REQUIRE(socket);
  return socket;
}

std::uint64_t inode_of(const os::Descriptor& socket) {
  struct stat status = {};
  REQUIRE(::fstat(socket.get(), &status) == 0);
  return status.st_ino;
}

Holders found(const ProcessSelector& selector) {
  Result<Holders> holders = find_holders(selector);
  INFO((holders ? "" : describe(holders.error())));
  REQUIRE(holders);
  return *holders;
}

std::vector<SocketHolder> of_socket(const Holders& holders, std::uint64_t inode) {
  const auto some = holders.of(inode);
  return {some.begin(), some.end()};
}

bool has(const Holders& holders, std::int64_t pid) {
  return std::ranges::find(holders.pids, pid) != holders.pids.end();
}

}  // namespace

TEST_CASE("sockets of every kind are found, pipes and files are not") {
  const os::Descriptor tcp = open_socket(AF_INET6, SOCK_STREAM);
  const os::Descriptor udp = open_socket(AF_INET, SOCK_DGRAM);
  const os::Descriptor local = open_socket(AF_UNIX, SOCK_STREAM);
  const os::Descriptor file(::open("/proc/self/status", O_RDONLY | O_CLOEXEC));
  const Holders holders = found({.pids = {::getpid()}, .names = {}});
  for (const os::Descriptor* socket : {&tcp, &udp, &local}) {
    const auto held = of_socket(holders, inode_of(*socket));
    REQUIRE(held.size() == 1);
    CHECK(held[0].pid == ::getpid());
    CHECK(held[0].fd == socket->get());
  }
  for (const SocketHolder& holder : holders.sockets) {
    struct stat status = {};
    REQUIRE(::fstat(holder.fd, &status) == 0);
    CHECK(S_ISSOCK(status.st_mode));
    CHECK(status.st_ino == holder.inode);
  }
}

TEST_CASE("every process and every descriptor that holds a socket is told") {
  const os::Descriptor socket = open_socket(AF_INET, SOCK_STREAM);
  const test::Child child;
  const os::Descriptor again(::fcntl(socket.get(), F_DUPFD_CLOEXEC, socket.get() + 1));
  const auto held = of_socket(found({}), inode_of(socket));
  REQUIRE(held.size() == 3);
  std::array<int, 3> holding = {};
  for (std::size_t i = 0; i < held.size(); ++i) holding[i] = static_cast<int>(held[i].pid);
  CHECK(std::ranges::count(holding, ::getpid()) == 2);
  CHECK(std::ranges::count(holding, child.pid()) == 1);
  for (const SocketHolder& holder : held) CHECK((holder.fd == socket.get() || holder.fd == again.get()));
}

TEST_CASE("past the deadline no other process is looked at") {
  const os::Descriptor one = open_socket(AF_INET, SOCK_STREAM);
  const os::Descriptor other = open_socket(AF_INET, SOCK_STREAM);
  const test::Child child;
  const Result<Holders> holders =
      find_holders({.pids = {::getpid(), child.pid()}, .names = {}}, std::chrono::steady_clock::now());
  REQUIRE(holders);
  CHECK(holders->late);
  CHECK(holders->pids.size() == 1);
  CHECK(holders->sockets.size() == 1);
  CHECK_FALSE(found({.pids = {::getpid()}, .names = {}}).late);
}

TEST_CASE("of the processes asked for by number each is found once, and no others") {
  const os::Descriptor socket = open_socket(AF_INET, SOCK_STREAM);
  const test::Child child;
  const Holders holders = found({.pids = {child.pid(), ::getpid(), child.pid()}, .names = {}});
  std::vector<std::int64_t> expected = {child.pid(), ::getpid()};
  std::ranges::sort(expected);
  CHECK(holders.pids == expected);
  CHECK(holders.unreadable.empty());
  CHECK(of_socket(holders, inode_of(socket)).size() == 2);
  const Holders only_child = found({.pids = {child.pid()}, .names = {}});
  REQUIRE(of_socket(only_child, inode_of(socket)).size() == 1);
  CHECK(of_socket(only_child, inode_of(socket))[0].pid == child.pid());
}

TEST_CASE("numbers that are no process are told as not there") {
  const std::int64_t pid =
      GENERATE(std::int64_t{0}, -1, INT64_C(2147483648), INT64_C(4294967297), INT64_MAX, INT64_MIN);
  const Holders holders = found({.pids = {pid}, .names = {}});
  CHECK(holders.pids.empty());
  CHECK(holders.sockets.empty());
  REQUIRE(holders.unreadable.size() == 1);
  CHECK(holders.unreadable[0].pid == pid);
  CHECK(holders.unreadable[0].error.code == std::errc::no_such_file_or_directory);
}

TEST_CASE("a process that has ended is told as gone") {
  test::Child child;
  const std::int64_t pid = child.pid();
  child.end();
  const Holders holders = found({.pids = {pid}, .names = {}});
  CHECK(holders.pids.empty());
  REQUIRE(holders.unreadable.size() == 1);
  CHECK(holders.unreadable[0].error.code == std::errc::no_such_file_or_directory);
}

TEST_CASE("the number of a thread is not that of a process") {
  std::promise<long> started;
  std::promise<void> leave;
  std::thread thread([&] {
    started.set_value(::syscall(SYS_gettid));
    leave.get_future().wait();
  });
  const long number = started.get_future().get();
  const Holders holders = found({.pids = {number}, .names = {}});
  leave.set_value();
  thread.join();
  CHECK(holders.pids.empty());
  REQUIRE(holders.unreadable.size() == 1);
  CHECK(describe(holders.unreadable[0].error) ==
        std::to_string(number) + " is a thread of process " + std::to_string(::getpid()));
}

TEST_CASE("a command is known by the 15 bytes that the kernel keeps of it") {
  const std::string name = GENERATE(std::string("tk-short"), std::string("tk-exactly-15-b"),
                                    std::string("tk-longer-than-15-bytes"), std::string("tk a\nb) R \xff\x1b["));
  const test::Child child([&] { ::prctl(PR_SET_NAME, name.c_str()); });
  const test::Child other([] { ::prctl(PR_SET_NAME, "tk-else"); });
  const Holders holders = found({.pids = {}, .names = {"tk-nobody", name}});
  CHECK(holders.pids == std::vector<std::int64_t>{child.pid()});
  for (const SocketHolder& holder : holders.sockets) CHECK(holder.command == name.substr(0, 15));
  CHECK(found({.pids = {}, .names = {name.substr(0, 4)}}).pids.empty());
}

TEST_CASE("a number and a name must both hold") {
  const test::Child child([] { ::prctl(PR_SET_NAME, "tk-both"); });
  CHECK(has(found({.pids = {child.pid()}, .names = {"tk-both"}}), child.pid()));
  CHECK(found({.pids = {::getpid()}, .names = {"tk-both"}}).pids.empty());
}

TEST_CASE("a process that has ended and was not waited for holds nothing") {
  const os::Descriptor socket = open_socket(AF_INET, SOCK_STREAM);
  const pid_t zombie = ::fork();
  if (zombie == 0) ::_exit(0);
  siginfo_t ended = {};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(zombie), &ended, WEXITED | WNOWAIT) == 0);
  const Holders holders = found({.pids = {zombie}, .names = {}});
  ::waitpid(zombie, nullptr, 0);
  CHECK(holders.sockets.empty());
}

TEST_CASE("processes that come and go meanwhile are no error") {
  const os::Descriptor socket = open_socket(AF_INET, SOCK_STREAM);
  for (int i = 0; i < 20; ++i) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    CHECK(!of_socket(found({}), inode_of(socket)).empty());
    ::waitpid(child, nullptr, 0);
  }
}

TEST_CASE("a stranger's process is told as not permitted, and counted where nobody asked for it") {
  if (test::skips_without_root()) return;
  const test::Child child([] { ::prctl(PR_SET_NAME, "tk-stranger"); });
  const auto as_nobody = [&](const ProcessSelector& selector, const std::function<bool(const Holders&)>& right) {
    return test::in_child([&] {
      if (!test::become_nobody()) return test::kChildFailed;
      const Result<Holders> holders = find_holders(selector);
      return holders && right(*holders) ? 0 : 1;
    });
  };
  const auto told = [&](const Holders& holders) {
    if (holders.unreadable.size() != 1 || !has(holders, child.pid())) return false;
    const UnreadableProcess& process = holders.unreadable[0];
    return process.pid == child.pid() && process.command == "tk-stranger" &&
           process.error.code == std::errc::permission_denied && holders.not_permitted == 1;
  };
  CHECK(as_nobody({.pids = {child.pid()}, .names = {}}, told) == 0);
  CHECK(as_nobody({.pids = {}, .names = {"tk-stranger"}}, told) == 0);
  CHECK(as_nobody({}, [](const Holders& holders) { return holders.unreadable.empty() && holders.not_permitted > 0; }) ==
        0);
}

TEST_CASE("without descriptors of our own the search fails and blames nobody else") {
  if (test::kSanitizerNeedsDescriptors) return;
  for (int left = 0; left < 2; ++left) {
    CAPTURE(left);
    const test::FewDescriptors few(left);
    const Result<Holders> holders = find_holders({});
    REQUIRE_FALSE(holders);
    CHECK(holders.error().code == std::errc::too_many_files_open);
  }
}
