#include <tcpkit/proc/listeners.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <netinet/in.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tcpkit/net/listen_address.hpp>

#include "os/descriptor.hpp"
#include "os/kernel.hpp"
#include "sock/socket_states.hpp"
#include "support/catch.hpp"
#include "support/child.hpp"
#include "support/few_descriptors.hpp"

using namespace tcpkit;

namespace {

Endpoint endpoint(const std::string& address, std::uint16_t port) {
  const Result<ListenAddress> parsed = parse_listen_address(address + ":" + std::to_string(port));
  REQUIRE(parsed);
  return *parsed->target.numeric;
}

os::Descriptor bound(const Endpoint& address, bool v6only = true) {
  os::Descriptor socket = test::tcp_socket(address.family());
  const int on = 1;
  const int alone = v6only ? 1 : 0;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  if (address.family() == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &alone, sizeof(alone));
  REQUIRE(::bind(socket.get(), address.data(), address.size()) == 0);
  return socket;
}

os::Descriptor listening(const Endpoint& address, bool v6only = true) {
  os::Descriptor socket = bound(address, v6only);
  REQUIRE(::listen(socket.get(), 1) == 0);
  return socket;
}

std::uint64_t inode_of(const os::Descriptor& socket) {
  std::array<char, 64> link = {};
  const std::string path = "/proc/self/fd/" + std::to_string(socket.get());
  REQUIRE(::readlink(path.c_str(), link.data(), link.size() - 1) > 0);
  return std::stoull(std::string(link.data()).substr(8));
}

std::vector<ListeningSocket> found(const Endpoint& address) {
  const auto listeners = find_listeners(address);
  INFO((listeners ? "" : describe(listeners.error())));
  REQUIRE(listeners);
  return *listeners;
}

bool collide(const char* listener_address, bool v6only, const char* asked) {
  const os::Descriptor socket = listening(endpoint(listener_address, 0), v6only);
  return found(endpoint(asked, local_endpoint(socket.get()).port())).size() == 1;
}

std::string own_command() {
  std::string command;
  REQUIRE_FALSE(os::real_kernel().read_file("/proc/self/comm", command));
  command.pop_back();
  return command;
}

}  // namespace

TEST_CASE("a listener is found with its address, inode and owner") {
  const char* address = GENERATE("127.0.0.1", "[::1]", "0.0.0.0", "[::]");
  const os::Descriptor socket = listening(endpoint(address, 0));
  const Endpoint local = local_endpoint(socket.get());
  const auto listeners = found(local);
  REQUIRE(listeners.size() == 1);
  CHECK(listeners[0].address == local);
  CHECK(listeners[0].inode == inode_of(socket));
  REQUIRE(listeners[0].owner);
  CHECK(listeners[0].owner->pid == ::getpid());
  CHECK(listeners[0].owner->command == own_command());
}

TEST_CASE("the any-address collides with every address it includes") {
  CHECK(collide("127.0.0.1", true, "127.0.0.1"));
  CHECK(collide("127.0.0.1", true, "0.0.0.0"));
  CHECK(collide("0.0.0.0", true, "127.0.0.1"));
  CHECK(collide("0.0.0.0", true, "10.1.2.3"));
  CHECK(collide("[::1]", true, "[::1]"));
  CHECK(collide("[::1]", true, "[::]"));
  CHECK(collide("[::]", true, "[::1]"));
  CHECK(collide("[::]", true, "[::]"));
  CHECK_FALSE(collide("127.0.0.1", true, "127.0.0.2"));
  CHECK_FALSE(collide("[::1]", true, "[::2]"));
}

TEST_CASE("families are apart, unless an IPv6 socket takes IPv4 too") {
  CHECK_FALSE(collide("127.0.0.1", true, "[::1]"));
  CHECK_FALSE(collide("0.0.0.0", true, "[::]"));
  CHECK_FALSE(collide("[::1]", true, "127.0.0.1"));
  CHECK_FALSE(collide("[::1]", false, "0.0.0.0"));
  CHECK_FALSE(collide("[::]", true, "127.0.0.1"));
  CHECK_FALSE(collide("[::]", true, "0.0.0.0"));
  CHECK(collide("[::]", false, "127.0.0.1"));
  CHECK(collide("[::]", false, "0.0.0.0"));
  CHECK(collide("[::]", false, "[::1]"));
  CHECK(collide("[::ffff:127.0.0.1]", false, "127.0.0.1"));
  CHECK(collide("[::ffff:127.0.0.1]", false, "0.0.0.0"));
  CHECK(collide("127.0.0.1", true, "[::ffff:127.0.0.1]"));
  CHECK_FALSE(collide("[::ffff:127.0.0.1]", false, "[::]"));
}

TEST_CASE("what the kernel refuses to bind is what collides") {
  const auto [first, v6only, second] =
      GENERATE(table<const char*, bool, const char*>({{"127.0.0.1", true, "127.0.0.1"},
                                                      {"127.0.0.1", true, "0.0.0.0"},
                                                      {"127.0.0.1", true, "127.0.0.2"},
                                                      {"0.0.0.0", true, "127.0.0.1"},
                                                      {"0.0.0.0", true, "[::]"},
                                                      {"[::]", true, "0.0.0.0"},
                                                      {"[::]", false, "0.0.0.0"},
                                                      {"[::]", false, "127.0.0.1"},
                                                      {"[::]", true, "[::1]"},
                                                      {"[::1]", true, "127.0.0.1"},
                                                      {"[::1]", false, "[::]"},
                                                      {"[::ffff:127.0.0.1]", false, "127.0.0.1"},
                                                      {"[::ffff:127.0.0.1]", false, "127.0.0.2"}}));
  CAPTURE(first, v6only, second);
  const auto kernel_agrees = [&, v6 = v6only, one = first, two = second] {
    const os::Descriptor socket = listening(endpoint(one, 0), v6);
    const Endpoint asked = endpoint(two, local_endpoint(socket.get()).port());
    const os::Descriptor other = test::tcp_socket(asked.family());
    const int on = 1;
    if (asked.family() == AF_INET6) ::setsockopt(other.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    const bool refused = ::bind(other.get(), asked.data(), asked.size()) != 0 && errno == EADDRINUSE;
    return (found(asked).size() == 1) == refused;
  };
  // A connection of another program may happen to have the port, which refuses as well: hardly so again on the next
  // one.
  bool agreed = false;
  for (int tries = 0; tries < 5 && !agreed; ++tries) agreed = kernel_agrees();
  CHECK(agreed);
}

TEST_CASE("only listeners on the port are told, and every one of them") {
  const os::Descriptor first = listening(endpoint("127.0.0.1", 0));
  const Endpoint local = local_endpoint(first.get());
  const os::Descriptor second = listening(local);
  const os::Descriptor silent = bound(local);
  const os::Descriptor elsewhere = listening(endpoint("127.0.0.1", 0));
  os::Descriptor client = test::tcp_socket(AF_INET);
  REQUIRE(::connect(client.get(), local.data(), local.size()) == 0);
  std::vector<std::uint64_t> inodes;
  for (const ListeningSocket& listener : found(local)) inodes.push_back(listener.inode);
  std::vector<std::uint64_t> expected = {inode_of(first), inode_of(second)};
  std::ranges::sort(inodes);
  std::ranges::sort(expected);
  CHECK(inodes == expected);
}

TEST_CASE("a port that nobody listens on has no listeners") {
  const os::Descriptor silent = bound(endpoint("127.0.0.1", 0));
  CHECK(found(local_endpoint(silent.get())).empty());
}

TEST_CASE("the owner may be another process, whatever it calls itself") {
  os::Descriptor socket = listening(endpoint("127.0.0.1", 0));
  const Endpoint local = local_endpoint(socket.get());
  const std::string name = GENERATE(std::string("a\nb) R 1\xff\x1b["), std::string("\n"), std::string(""));
  const test::Child child([&] { ::prctl(PR_SET_NAME, name.c_str()); });
  CHECK(found(local).at(0).owner.has_value());  // of two, either
  socket = os::Descriptor();                    // swapped with an empty one, which closes it
  const auto listeners = found(local);
  REQUIRE(listeners.size() == 1);
  REQUIRE(listeners[0].owner);
  CHECK(listeners[0].owner->pid == child.pid());
  CHECK(listeners[0].owner->command == name);
}

TEST_CASE("a process that has ended and was not waited for owns nothing") {
  const os::Descriptor socket = listening(endpoint("127.0.0.1", 0));
  const pid_t zombie = ::fork();
  if (zombie == 0) ::_exit(0);
  siginfo_t ended = {};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(zombie), &ended, WEXITED | WNOWAIT) == 0);
  const auto listeners = found(local_endpoint(socket.get()));
  ::waitpid(zombie, nullptr, 0);
  REQUIRE(listeners.size() == 1);
  REQUIRE(listeners[0].owner);
  CHECK(listeners[0].owner->pid == ::getpid());
}

TEST_CASE("processes that come and go meanwhile do no harm") {
  const os::Descriptor socket = listening(endpoint("127.0.0.1", 0));
  const Endpoint local = local_endpoint(socket.get());
  for (int i = 0; i < 20; ++i) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    CHECK(found(local).size() == 1);
    ::waitpid(child, nullptr, 0);
  }
}

TEST_CASE("a stranger's listener is told without its owner") {
  const os::Descriptor socket = listening(endpoint("127.0.0.1", 0));
  const Endpoint local = local_endpoint(socket.get());
  if (::getuid() != 0) return;
  const int outcome = test::in_child([&] {
    if (::close(socket.get()) != 0 || ::setresuid(test::kNobody, test::kNobody, test::kNobody) != 0)
      return test::kChildFailed;
    const auto listeners = find_listeners(local);
    if (!listeners || listeners->size() != 1) return 1;
    return listeners->front().owner ? 2 : 0;
  });
  CHECK(outcome == 0);
}

TEST_CASE("listeners of another network namespace are not told") {
  const os::Descriptor socket = listening(endpoint("127.0.0.1", 0));
  const Endpoint local = local_endpoint(socket.get());
  std::size_t seen = 0;
  std::thread([&] {
    const bool alone = ::unshare(CLONE_NEWNET) == 0;
    const auto listeners = find_listeners(local);
    seen = !alone ? 0 : listeners ? listeners->size() : 99;
  }).join();
  CHECK(seen == 0);
  CHECK(found(local).size() == 1);
}

TEST_CASE("without descriptors to look for owners, listeners are told all the same") {
  if (test::kSanitizerNeedsDescriptors) return;
  const os::Descriptor socket = listening(endpoint("127.0.0.1", 0));
  const Endpoint local = local_endpoint(socket.get());
  for (int left = 0; left < 2; ++left) {
    CAPTURE(left);
    const test::FewDescriptors few(left);
    const auto listeners = find_listeners(local);
    CHECK(listeners.has_value() == (left > 0));
    if (listeners) CHECK_FALSE(listeners->at(0).owner);
    if (!listeners) CHECK(listeners.error().code == std::errc::too_many_files_open);
  }
}
