#include <cerrno>
#include <chrono>
#include <climits>
#include <functional>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <tcpkit/diag/diagnose.hpp>
#include <tcpkit/sock/endpoint.hpp>

#include "diag/scene.hpp"
#include "os/descriptor.hpp"
#include "sock/socket_states.hpp"
#include "support/catch.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

// What real sockets show: the trouble is made, found, and gone once it is mended.
namespace {

constexpr std::chrono::seconds kPatience{20};
constexpr int kPauseMs = 5;

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    ::poll(nullptr, 0, kPauseMs);
  }
  return true;
}

os::Descriptor listener(int backlog) {
  os::Descriptor socket = tcp_socket(AF_INET);
  const Endpoint any_port = Endpoint::ipv4_loopback(0);
  REQUIRE(::bind(socket.get(), any_port.data(), any_port.size()) == 0);
  REQUIRE(::listen(socket.get(), backlog) == 0);
  return socket;
}

void connect(const os::Descriptor& socket, const os::Descriptor& to) {
  const Endpoint endpoint = local_endpoint(to.get());
  REQUIRE(::connect(socket.get(), endpoint.data(), endpoint.size()) == 0);
}

void accept_one(const os::Descriptor& from) {
  REQUIRE(os::Descriptor(::accept4(from.get(), nullptr, nullptr, SOCK_CLOEXEC)));
}

Diagnosis judge(const Observation& observation) {
  SysctlValues sysctls;
  return diagnose(observation, sysctls);
}

Diagnosis diagnose_connection(const os::Descriptor& socket) {
  Observation observation;
  observation.snapshot = take_snapshot(socket.get());
  return judge(observation);
}

Diagnosis diagnose_listener(const os::Descriptor& socket, std::uint64_t backlog) {
  Observation observation;
  observation.snapshot = take_snapshot(socket.get());
  observation.accept_queue = *read_accept_queue(socket.get());
  observation.backlog_asked = backlog;
  return judge(observation);
}

bool is_error(const Finding* found) {
  return found != nullptr && found->severity == Severity::Error;
}

std::uint64_t acked_bytes(const os::Descriptor& socket) {
  return take_snapshot(socket.get()).info->get("bytes_acked").value();
}

/// A client that believes it is connected to a listener whose queue filled up before the handshake's last segment came.
/// Without quick ACKs a client keeps that segment back for 200 ms (net/ipv4/tcp_input.c, TCP_DELACK_MAX), for it may
/// have data to send with it; a slow machine may need more than that to fill the queue, and tries again.
struct HalfOpen {
  os::Descriptor socket = listener(0);
  os::Descriptor client = tcp_socket(AF_INET);
  os::Descriptor first_in_queue = os::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));

  bool make() {
    const int off = 0;
    REQUIRE(::setsockopt(client.get(), IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off) == 0);
    connect(client, socket);
    const Endpoint endpoint = local_endpoint(socket.get());  // does not block where the client came first
    const int begun = ::connect(first_in_queue.get(), endpoint.data(), endpoint.size());
    REQUIRE((begun == 0 || errno == EINPROGRESS));
    REQUIRE(::send(client.get(), "x", 1, MSG_NOSIGNAL) == 1);
    bool taken = false;
    const auto decided = [&] {
      taken = acked_bytes(client) > 1;
      return taken || is_error(finding(diagnose_connection(client), "F23"));
    };
    return eventually(decided) && !taken;
  }
};

}  // namespace

TEST_CASE("nothing above a note is found on a real connection as it comes") {
  const Result<Snapshot> fresh = default_snapshot(AF_INET);
  REQUIRE(fresh);
  Observation observation;
  observation.snapshot = *fresh;
  for (const Finding& found : judge(observation).findings) {
    INFO(found.rule->id << ": " << found.why);
    CHECK(found.severity == Severity::Note);
  }
}

TEST_CASE("a real accept queue that is full is an error until it is accepted from") {
  const os::Descriptor socket = listener(0);
  const os::Descriptor client = tcp_socket(AF_INET);
  connect(client, socket);
  CHECK(eventually([&] { return is_error(finding(diagnose_listener(socket, 0), "F20")); }));
  accept_one(socket);
  CHECK(finding(diagnose_listener(socket, 0), "F20") == nullptr);
}

TEST_CASE("a real listener shows that more was asked for than somaxconn until it is called with less") {
  SysctlValues sysctls;
  const auto most = sysctls.number("net.core.somaxconn");
  REQUIRE(most);
  REQUIRE(*most < INT_MAX);
  const auto allowed = static_cast<std::uint64_t>(*most);
  const os::Descriptor socket = listener(static_cast<int>(allowed + 1));
  CHECK(finding(diagnose_listener(socket, allowed + 1), "F21") != nullptr);
  REQUIRE(::listen(socket.get(), static_cast<int>(allowed)) == 0);
  CHECK(finding(diagnose_listener(socket, allowed), "F21") == nullptr);
}

TEST_CASE("a real client that a full listener ignores is half-open until the listener accepts") {
  HalfOpen pair;
  for (int attempt = 1; !pair.make(); ++attempt) {
    REQUIRE(attempt < 20);
    pair = HalfOpen();
  }
  accept_one(pair.socket);
  CHECK(eventually([&] { return finding(diagnose_connection(pair.client), "F23") == nullptr; }));
  CHECK(acked_bytes(pair.client) > 1);
}

TEST_CASE("a real peer that does not read is found in danger of the user timeout until it reads") {
  Stage stage = set_stage(AF_INET, State::Accepted);
  const unsigned timeout_ms = 600'000;
  REQUIRE(::setsockopt(stage.client.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms) == 0);
  const std::vector<char> block(65'536);
  const auto closes = [&] {
    while (::send(stage.client.get(), block.data(), block.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) continue;
    return finding(diagnose_connection(stage.client), "F17") != nullptr;
  };
  CHECK(eventually(closes));
  std::vector<char> read(block.size());
  const auto opens = [&] {
    while (::recv(stage.accepted.get(), read.data(), read.size(), MSG_DONTWAIT) > 0) continue;
    return finding(diagnose_connection(stage.client), "F17") == nullptr;
  };
  CHECK(eventually(opens));
}
