#include <array>
#include <chrono>
#include <thread>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>

#include "diag/told.hpp"
#include "sock/socket_states.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTcpCork = 3;

void set(int socket, int level, int number, int value) {
  REQUIRE(::setsockopt(socket, level, number, &value, sizeof value) == 0);
}

Diagnosis diagnosis_of(int socket) {
  Observation observation;
  observation.snapshot = take_snapshot(socket);
  SysctlValues sysctls;
  return diagnose(observation, sysctls);
}

std::uint64_t field(int socket, std::string_view name) {
  return TcpInfo::read(socket)->get(name).value_or(0);
}

Clock::time_point deadline() {
  return Clock::now() + std::chrono::seconds(20);
}

/// Connected to the stage's listener with a receive buffer set before.
os::Descriptor client_with_buffer(const Stage& stage, int bytes) {
  os::Descriptor client = tcp_socket(AF_INET);
  set(client.get(), SOL_SOCKET, SO_RCVBUF, bytes);
  sockaddr_in address{};
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  REQUIRE(::getsockname(stage.listener.get(), generic, &length) == 0);
  REQUIRE(::connect(client.get(), generic, length) == 0);
  return client;
}

void read_all(int socket) {
  std::array<char, 65536> bytes{};
  while (::recv(socket, bytes.data(), bytes.size(), 0) > 0) {
  }
}

}  // namespace

TEST_CASE("a buffer enlarged after the handshake is found on a real socket") {
  const Stage stage = set_stage(AF_INET, State::Connected);
  const os::Descriptor client = client_with_buffer(stage, 8'192);
  CHECK(finding(diagnosis_of(client.get()), "F03") == nullptr);
  set(client.get(), SOL_SOCKET, SO_RCVBUF, 212'992);
  CHECK(finding(diagnosis_of(client.get()), "F03") != nullptr);
}

TEST_CASE("a byte behind a forgotten cork is found on a real socket") {
  const Stage stage = set_stage(AF_INET, State::Connected);
  const int socket = stage.client.get();
  set(socket, IPPROTO_TCP, kTcpCork, 1);
  const auto end = deadline();
  bool seen = false;
  while (!seen && Clock::now() < end) {
    const bool silent = field(socket, "last_data_sent") > 200 && field(socket, "notsent_bytes") == 0;
    std::this_thread::yield();
    if (!silent) continue;
    REQUIRE(::send(socket, "x", 1, 0) == 1);
    seen = finding(diagnosis_of(socket), "F10") != nullptr;
  }
  CHECK(seen);
}

TEST_CASE("a healthy transfer over loopback finds nothing above a note") {
  const Stage stage = set_stage(AF_INET, State::Connected);
  std::thread reader(read_all, stage.accepted.get());
  const std::vector<char> bytes(65'536);
  const auto end = deadline();
  bool sent = true;
  while (sent && field(stage.client.get(), "busy_time") <= 200'000 && Clock::now() < end) {
    sent = ::send(stage.client.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0;
  }
  const Diagnosis diagnosis = diagnosis_of(stage.client.get());
  ::shutdown(stage.client.get(), SHUT_WR);
  reader.join();
  CHECK(sent);
  CHECK(unchecked(diagnosis, "F05") == nullptr);
  for (const Finding& one : diagnosis.findings) {
    INFO(one.rule->id << ": " << one.why);
    CHECK(one.severity == Severity::Note);
  }
}
