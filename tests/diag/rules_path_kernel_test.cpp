#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tcpkit/sock/snapshot.hpp>

#include "diag/scene.hpp"
#include "sock/socket_states.hpp"
#include "support/catch.hpp"

/// The rules before the kernel itself: sockets that have the trouble, and sockets that have none.
namespace tcpkit::test {
namespace {

using Clock = std::chrono::steady_clock;

Diagnosis diagnose_socket(int socket) {
  Observation observation;
  observation.snapshot = take_snapshot(socket);
  SysctlValues sysctls;
  return diagnose(observation, sysctls);
}

bool finds(int socket, std::string_view id) {
  return finding(diagnose_socket(socket), id) != nullptr;
}

bool is_trouble(const Finding* found) {
  return found != nullptr && found->severity != Severity::Note;
}

/// Calls until it is true, for 10 s at most.
bool comes_true(const std::function<bool()>& condition) {
  const Clock::time_point deadline = Clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

std::vector<char>& chunk() {
  static std::vector<char> bytes(65'536);
  return bytes;
}

void send_all_it_takes(int socket) {
  while (::send(socket, chunk().data(), chunk().size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) continue;
}

void read_all_there_is(int socket) {
  while (::recv(socket, chunk().data(), chunk().size(), MSG_DONTWAIT) > 0) continue;
}

Stage connection() {
  Stage stage = set_stage(AF_INET, State::Accepted);
  REQUIRE(stage.accepted);
  return stage;
}

/// Empty where that is not allowed.
os::Descriptor new_namespace() {
  os::Descriptor made;
  std::thread([&] {
    if (::unshare(CLONE_NEWNET) != 0) return;
    made = os::Descriptor(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  }).join();
  return made;
}

void in(const os::Descriptor& network, const std::function<void()>& work) {
  std::thread([&] {
    if (::setns(network.get(), CLONE_NEWNET) == 0) work();
  }).join();
}

bool command(const os::Descriptor& network, const std::string& line) {
  int status = -1;
  in(network, [&] { status = std::system((line + " >/dev/null 2>&1").c_str()); });
  return status == 0;
}

/// Two hosts, 192.0.2.1 and 192.0.2.2, and a bridge between them, which tells nobody what it does not forward.
struct Path {
  os::Descriptor near = new_namespace();
  os::Descriptor bridge = new_namespace();
  os::Descriptor far = new_namespace();

  [[nodiscard]] bool lay() const {
    return near && bridge && far && command(bridge, "ip link add br0 type bridge && ip link set br0 up") &&
           lay(near, "p1", "192.0.2.1") && lay(far, "p2", "192.0.2.2");
  }

 private:
  [[nodiscard]] bool lay(const os::Descriptor& host, const std::string& port, const std::string& address) const {
    const std::string home = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(host.get());
    // A device that takes whole bursts would have them pass as one, however long.
    return command(bridge, "ip link add " + port + " type veth peer name eth0 netns " + home) &&
           command(bridge, "ip link set " + port + " master br0 up") &&
           command(host, "ip link set eth0 gso_max_segs 1 up && ip address add " + address + "/24 dev eth0");
  }
};

Stage connection_over(const Path& path) {
  Stage stage;
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, "192.0.2.2", &address.sin_addr);
  in(path.far, [&] { stage.listener = tcp_socket(AF_INET); });
  in(path.near, [&] { stage.client = tcp_socket(AF_INET); });
  if (::bind(stage.listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) return stage;
  if (::listen(stage.listener.get(), 1) != 0) return stage;
  const Endpoint bound = local_endpoint(stage.listener.get());
  if (::connect(stage.client.get(), bound.data(), bound.size()) != 0) return stage;
  stage.accepted = os::Descriptor(::accept4(stage.listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  return stage;
}

/// Whether its timeouts are those of a short path: not where the SYN was lost, for a port was not up yet.
bool has_short_timeout(const Stage& stage) {
  return stage.accepted && take_snapshot(stage.client.get()).info->get("rto").value_or(0) < 500'000;
}

bool finds_hole(const Path& path, const Stage& stage, Severity severity) {
  bool found = false;
  in(path.near, [&] {  // its sysctls count
    const Diagnosis diagnosis = diagnose_socket(stage.client.get());
    const Finding* hole = finding(diagnosis, "F28");
    found = hole != nullptr && hole->severity == severity;
  });
  return found;
}

}  // namespace

TEST_CASE("a reader that stops is found, and no longer when it goes on") {
  const Stage stage = connection();
  CHECK(comes_true([&] {
    send_all_it_takes(stage.client.get());
    return finds(stage.accepted.get(), "F36");
  }));
  CHECK_FALSE(finds(stage.client.get(), "F36"));
  CHECK(comes_true([&] {
    read_all_there_is(stage.accepted.get());
    return !finds(stage.accepted.get(), "F36");
  }));
}

TEST_CASE("a bulk transfer over loopback has nothing wrong with it") {
  const Stage stage = connection();
  std::thread reader([&] {
    while (::recv(stage.accepted.get(), chunk().data(), chunk().size(), 0) > 0) continue;
  });
  const std::vector<char> data(16 << 20);
  for (std::size_t sent = 0; sent < data.size();) {
    const ssize_t took = ::send(stage.client.get(), data.data() + sent, data.size() - sent, MSG_NOSIGNAL);
    if (took <= 0) break;
    sent += static_cast<std::size_t>(took);
  }
  const Diagnosis sender = diagnose_socket(stage.client.get());
  ::shutdown(stage.client.get(), SHUT_WR);
  reader.join();
  const Diagnosis receiver = diagnose_socket(stage.accepted.get());
  for (const std::string_view id : {"F25", "F26", "F27", "F28", "F31", "F32", "F36", "F38", "F43"}) {
    INFO(id);
    CHECK_FALSE(is_trouble(finding(sender, id)));
    CHECK_FALSE(is_trouble(finding(receiver, id)));
  }
}

TEST_CASE("segments that TCP_MAXSEG of one end makes small are found at both") {
  Stage stage;
  sockaddr_storage address = {};
  socklen_t length = 0;
  stage.listener = tcp_socket(AF_INET);
  REQUIRE(listen_on_loopback(stage.listener.get(), AF_INET, address, length));
  stage.client = tcp_socket(AF_INET);
  const int bound = 400;
  REQUIRE(::setsockopt(stage.client.get(), IPPROTO_TCP, TCP_MAXSEG, &bound, sizeof(bound)) == 0);
  REQUIRE(::connect(stage.client.get(), reinterpret_cast<const sockaddr*>(&address), length) == 0);
  stage.accepted = os::Descriptor(::accept4(stage.listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  CHECK(finds(stage.client.get(), "F27"));
  CHECK(finds(stage.accepted.get(), "F27"));
  CHECK_FALSE(finds(connection().client.get(), "F27"));
}

TEST_CASE("SO_LINGER with a time of 0 is found on a connection, and on the listener that hands it down") {
  const Stage stage = connection();
  const linger now = {1, 0};
  for (const os::Descriptor* socket : {&stage.client, &stage.listener}) {
    CHECK_FALSE(finds(socket->get(), "F32"));
    REQUIRE(::setsockopt(socket->get(), SOL_SOCKET, SO_LINGER, &now, sizeof(now)) == 0);
    CHECK(finds(socket->get(), "F32"));
  }
}

TEST_CASE("long packets that vanish are told from a dead peer once the peer is heard from") {
  const Path path;
  if (!path.lay()) {
    WARN("no network namespaces, no ip(8), or no bridge");
    return;
  }
  Stage stage;
  REQUIRE(comes_true([&] {
    stage = connection_over(path);
    return has_short_timeout(stage);
  }));
  REQUIRE(::send(stage.client.get(), chunk().data(), 400, MSG_NOSIGNAL) == 400);
  REQUIRE(::recv(stage.accepted.get(), chunk().data(), 400, MSG_WAITALL) == 400);
  REQUIRE(command(path.bridge, "ip link set p2 mtu 1300"));
  REQUIRE(::send(stage.client.get(), chunk().data(), 5000, MSG_NOSIGNAL) == 5000);
  CHECK(comes_true([&] { return finds_hole(path, stage, Severity::Warning); }));
  CHECK(::send(stage.accepted.get(), "alive", 5, MSG_NOSIGNAL) == 5);
  CHECK(comes_true([&] { return finds_hole(path, stage, Severity::Error); }));
}

}  // namespace tcpkit::test
