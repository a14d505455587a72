#include "sock/listen_queue.hpp"

#include <tcpkit/sock/net_counters.hpp>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include <tcpkit/sock/endpoint.hpp>

#include "os/descriptor.hpp"
#include "os/kernel.hpp"
#include "sock/fake_file_kernel.hpp"
#include "sock/socket_states.hpp"
#include "support/catch.hpp"
#include "support/fake_kernel.hpp"

using namespace tcpkit;

namespace {

constexpr int kPatienceMs = 10'000;

/// Whether it comes true: the kernel may hand even loopback's segments to a thread of its own (ksoftirqd).
bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMs);
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

os::Descriptor listener(int backlog) {
  os::Descriptor socket = test::tcp_socket(AF_INET);
  const Endpoint any_port = Endpoint::ipv4_loopback(0);
  REQUIRE(::bind(socket.get(), any_port.data(), any_port.size()) == 0);
  REQUIRE(::listen(socket.get(), backlog) == 0);
  return socket;
}

/// A connection whose handshake is under way.
os::Descriptor start_connect(const os::Descriptor& to) {
  os::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  const Endpoint endpoint = local_endpoint(to.get());
  const int result = ::connect(socket.get(), endpoint.data(), endpoint.size());
  REQUIRE((result == 0 || errno == EINPROGRESS));
  return socket;
}

bool connected(const os::Descriptor& socket) {
  pollfd event = {socket.get(), POLLOUT, 0};
  return ::poll(&event, 1, kPatienceMs) == 1 && (event.revents & POLLERR) == 0;
}

AcceptQueue queue_of(const os::Descriptor& socket) {
  const Result<AcceptQueue> queue = read_accept_queue(socket.get());
  REQUIRE(queue);
  return *queue;
}

bool eventually_waiting(const os::Descriptor& socket, std::uint64_t count) {
  return eventually([&] { return queue_of(socket).waiting == count; });
}

using Number = std::optional<std::uint64_t>;

Number overflows(const std::string& content) {
  return NetCounters::parse(content).get("ListenOverflows");
}

Number drops(const std::string& content) {
  return NetCounters::parse(content).get("ListenDrops");
}

}  // namespace

TEST_CASE("an accept queue starts empty, with the backlog that listen was given") {
  const os::Descriptor socket = listener(7);
  CHECK(queue_of(socket).waiting == 0);
  CHECK(queue_of(socket).backlog == 7);
}

TEST_CASE("connections wait in the accept queue until they are taken") {
  const os::Descriptor socket = listener(7);
  const os::Descriptor first = start_connect(socket);
  const os::Descriptor second = start_connect(socket);
  REQUIRE(connected(first));
  REQUIRE(connected(second));
  CHECK(eventually_waiting(socket, 2));
  const os::Descriptor taken(::accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
  REQUIRE(taken);
  CHECK(queue_of(socket).waiting == 1);
}

TEST_CASE("a full accept queue has one more waiting than the backlog, and what is refused is counted") {
  const os::Descriptor socket = listener(0);
  const os::Descriptor taken = start_connect(socket);
  REQUIRE(connected(taken));
  CHECK(eventually_waiting(socket, 1));
  const AcceptQueue full = queue_of(socket);
  CHECK(full.backlog == 0);
  CHECK(full.waiting > full.backlog);

  const Result<ListenCounters> before = read_listen_counters();
  REQUIRE(before);
  REQUIRE(before->overflows);
  REQUIRE(before->drops);
  const os::Descriptor dropped = start_connect(socket);
  const auto counted = [&] {
    const Result<ListenCounters> after = read_listen_counters();
    return after && after->overflows > before->overflows && after->drops > before->drops;
  };
  CHECK(eventually(counted));
  CHECK(queue_of(socket).waiting == 1);
}

TEST_CASE("only a listening TCP socket has an accept queue") {
  const os::Descriptor fresh = test::tcp_socket(AF_INET);
  const Result<AcceptQueue> of_fresh = read_accept_queue(fresh.get());
  REQUIRE_FALSE(of_fresh);
  CHECK(describe(of_fresh.error()) == "read the accept queue: Invalid argument");
  const os::Descriptor datagram(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  CHECK_FALSE(read_accept_queue(datagram.get()));
  CHECK(read_accept_queue(-1).error().code == std::errc::bad_file_descriptor);
}

TEST_CASE("a kernel that keeps the queue to itself is told from an empty queue") {
  const os::Descriptor socket = listener(7);
  test::FakeKernel kernel;
  kernel.most_lengths[{IPPROTO_TCP, 11}] = 24;  // TCP_INFO up to unacked, which it leaves out
  const Result<AcceptQueue> queue = read_accept_queue(kernel, socket.get());
  REQUIRE_FALSE(queue);
  CHECK(queue.error().code == std::errc::no_message_available);
  kernel.get_errors[{IPPROTO_TCP, 11}] = ENOPROTOOPT;
  CHECK(read_accept_queue(kernel, socket.get()).error().code == std::errc::no_protocol_option);
}

TEST_CASE("the counters are those of the calling thread's network namespace") {
  REQUIRE(read_listen_counters());
  Result<ListenCounters> inside = ListenCounters{};
  bool alone = false;
  std::thread([&] {
    alone = ::unshare(CLONE_NEWNET) == 0;
    inside = read_listen_counters();
  }).join();
  REQUIRE(inside);
  if (!alone) return;  // no namespace without root
  CHECK(inside->overflows == Number(0));
  CHECK(inside->drops == Number(0));
}

TEST_CASE("counters are found by name, wherever they stand") {
  const std::string content =
      "TcpExt: SyncookiesSent ListenDrops Other ListenOverflows Last\nTcpExt: 1 22 3 18446744073709551615 5\n"
      "IpExt: ListenDrops\nIpExt: 99\n";
  CHECK(drops(content) == Number(22));
  CHECK(overflows(content) == Number(UINT64_MAX));
  CHECK(drops("IpExt: ListenDrops\nIpExt: 99\n" + content) == Number(22));
}

TEST_CASE("a counter that is not shown is absent, not zero") {
  CHECK(overflows("") == std::nullopt);
  CHECK(overflows("TcpExt: ListenDrops\nTcpExt: 0\n") == std::nullopt);
  CHECK(drops("TcpExt: ListenDrops\nTcpExt: 0\n") == Number(0));
  CHECK(drops("TcpExt: ListenDrops") == std::nullopt);
  CHECK(drops("TcpExt: ListenDrops\n") == std::nullopt);
  CHECK(drops("TcpExt: ListenDrops\nTcpExt:\n") == std::nullopt);
  CHECK(drops("TcpExt: A ListenDrops\nTcpExt: 1\n") == std::nullopt);
  CHECK(drops("TcpExt: ListenDrops\nTcpExt: 18446744073709551616\n") == std::nullopt);
  CHECK(drops("TcpExt: ListenDrops\nTcpExt: " + std::string(100'000, '9') + "\n") == std::nullopt);
  for (const char* value : {"-1", "+1", "0x1", "1.5", "many", "\x01"}) {
    CAPTURE(value);
    CHECK(drops(std::string("TcpExt: ListenDrops\nTcpExt: ") + value + "\n") == std::nullopt);
  }
  CHECK(drops("TcpExt ListenDrops\nTcpExt 1\n") == std::nullopt);
  CHECK(drops("TcpExt: ListenDropsX\nTcpExt: 1\n") == std::nullopt);
}

TEST_CASE("no content makes the reader of counters say what is not there") {
  std::mt19937 random(20240229);
  const std::string whole = "TcpExt: A ListenOverflows ListenDrops B\nTcpExt: 1 2 3 4\nIpExt: C\nIpExt: 5\n";
  int found = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string content = whole.substr(0, random() % (whole.size() + 1));
    for (auto edits = random() % 4; edits > 0 && !content.empty(); --edits) {
      content[random() % content.size()] = static_cast<char>(static_cast<unsigned char>(random()));
    }
    FakeFileKernel kernel(content);
    const Result<ListenCounters> counters = read_listen_counters(kernel);
    if (!counters) FAIL("an error from " << content);
    if (counters->drops) ++found;
    if (counters->drops && content.find(" ListenDrops") == std::string::npos) FAIL("a counter from " << content);
  }
  CHECK(found > 100);
}

TEST_CASE("counters that cannot be read say which file and why") {
  FakeFileKernel kernel(ENOENT);
  const Result<ListenCounters> counters = read_listen_counters(kernel);
  REQUIRE_FALSE(counters);
  CHECK(describe(counters.error()) == "read /proc/thread-self/net/netstat: No such file or directory");
}
