#include <tcpkit/proc/socket_list.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sock/socket_states.hpp"
#include "support/catch.hpp"
#include "support/few_descriptors.hpp"

using namespace tcpkit;

namespace {

constexpr int kMptcp = 262;        // IPPROTO_MPTCP
constexpr int kSocketCookie = 57;  // SO_COOKIE

std::vector<SocketEntry> listed(const SocketFilter& filter, DiagDetail detail = DiagDetail::Full) {
  std::vector<SocketEntry> entries;
  const auto notes = list_sockets(filter, detail, [&](const SocketEntry& entry) { entries.push_back(entry); });
  INFO((notes ? "" : describe(notes.error())));
  REQUIRE(notes);
  CHECK_FALSE(notes->incomplete);
  return entries;
}

/// Without those that were closed: of another program's connections to this port, when it was that program's.
SocketFilter port_filter(std::uint16_t port) {
  SocketFilter filter;
  for (const char* ended : {"time-wait", "fin-wait-1", "fin-wait-2", "last-ack", "closing"}) {
    filter.states &= ~*parse_socket_state(ended);
  }
  filter.ports = {port};
  return filter;
}

std::uint64_t inode_of(int socket) {
  struct stat facts = {};
  REQUIRE(::fstat(socket, &facts) == 0);
  return facts.st_ino;
}

std::uint64_t cookie_of(int socket) {
  std::uint64_t cookie = 0;
  socklen_t length = sizeof(cookie);
  REQUIRE(::getsockopt(socket, SOL_SOCKET, kSocketCookie, &cookie, &length) == 0);
  return cookie;
}

int option(int socket, int level, int name) {
  int value = -1;
  socklen_t length = sizeof(value);
  REQUIRE(::getsockopt(socket, level, name, &value, &length) == 0);
  return value;
}

void set(int socket, int level, int name, int value) {
  REQUIRE(::setsockopt(socket, level, name, &value, sizeof(value)) == 0);
}

std::uint16_t port_of(const os::Descriptor& socket) {
  return local_endpoint(socket.get()).port();
}

/// The one with the socket's cookie.
const SocketEntry& entry_of(const std::vector<SocketEntry>& entries, int socket) {
  const auto found = std::ranges::find(entries, cookie_of(socket), &SocketEntry::cookie);
  REQUIRE(found != entries.end());
  return *found;
}

test::Stage connection(int family) {
  test::Stage stage = test::set_stage(family, test::State::Accepted);
  REQUIRE(stage.accepted);
  return stage;
}

std::size_t count_told(const std::vector<SocketEntry>& entries, SocketState state) {
  return static_cast<std::size_t>(std::ranges::count(entries, state, &SocketEntry::state));
}

}  // namespace

TEST_CASE("a listener and both ends of a connection are told, each once, with what the kernel says of them") {
  const int family = GENERATE(AF_INET, AF_INET6);
  const test::Stage stage = connection(family);
  const std::vector<SocketEntry> entries = listed(port_filter(port_of(stage.listener)));
  REQUIRE(entries.size() == 3);
  for (const os::Descriptor* socket : {&stage.listener, &stage.client, &stage.accepted}) {
    const SocketEntry& entry = entry_of(entries, socket->get());
    const bool listener = socket == &stage.listener;
    CHECK(entry.state == (listener ? SocketState::Listen : SocketState::Established));
    CHECK(entry.local == local_endpoint(socket->get()));
    CHECK(entry.peer == peer_endpoint(socket->get()));
    CHECK(entry.inode == inode_of(socket->get()));
    CHECK(entry.uid == ::getuid());
    CHECK_FALSE(entry.mptcp);
    CHECK_FALSE(entry.ulp);
    CHECK_FALSE(entry.interface);
    REQUIRE(entry.info);
    CHECK(entry.info->get("state") == static_cast<std::uint64_t>(entry.state));
    REQUIRE(entry.memory);
    CHECK(entry.memory->receive_buffer == static_cast<std::uint32_t>(option(socket->get(), SOL_SOCKET, SO_RCVBUF)));
    CHECK(entry.memory->send_buffer == static_cast<std::uint32_t>(option(socket->get(), SOL_SOCKET, SO_SNDBUF)));
    CHECK(entry.congestion);
    CHECK(entry.tos == std::uint8_t{0});
    CHECK(entry.traffic_class.has_value() == (family == AF_INET6));
    CHECK(entry.v6only.has_value() == (listener && family == AF_INET6));
  }
}

TEST_CASE("addresses alone bring no attributes that must be asked for") {
  const test::Stage stage = connection(AF_INET);
  const auto entries = listed(port_filter(port_of(stage.listener)), DiagDetail::Addresses);
  REQUIRE(entries.size() == 3);
  const SocketEntry& client = entry_of(entries, stage.client.get());
  CHECK(client.peer == peer_endpoint(stage.client.get()));
  CHECK_FALSE(client.info);
  CHECK_FALSE(client.memory);
  CHECK_FALSE(client.congestion);
  CHECK_FALSE(client.tos);
}

TEST_CASE("TCP_INFO through the list is as long as through the socket") {
  const test::Stage stage = connection(AF_INET);
  const auto entries = listed(port_filter(port_of(stage.listener)));
  const Result<TcpInfo> direct = TcpInfo::read(stage.client.get());
  REQUIRE(direct);
  const auto& info = entry_of(entries, stage.client.get()).info;
  REQUIRE(info);
  CHECK(info->size() == direct->size());
  for (const std::string_view field : {"snd_mss", "rcv_mss", "snd_cwnd", "rtt", "rto", "snd_wscale"}) {
    CAPTURE(field);
    CHECK(info->get(field) == direct->get(field));
  }
}

TEST_CASE("options that sock_diag has are the socket's") {
  const test::Stage stage = connection(AF_INET6);
  set(stage.client.get(), IPPROTO_IPV6, IPV6_TCLASS, 0xb8);
  set(stage.client.get(), SOL_SOCKET, SO_KEEPALIVE, 1);
  REQUIRE(::setsockopt(stage.client.get(), IPPROTO_TCP, 13 /* TCP_CONGESTION */, "reno", 4) == 0);
  const auto entries = listed(port_filter(port_of(stage.listener)));
  const SocketEntry& client = entry_of(entries, stage.client.get());
  CHECK(client.traffic_class == std::uint8_t{0xb8});
  CHECK(client.congestion == "reno");
  CHECK(client.timer == SocketTimer::Keepalive);
  CHECK(client.timer_ms > 3'600'000);
  const SocketEntry& accepted = entry_of(entries, stage.accepted.get());
  CHECK(accepted.traffic_class == std::uint8_t{0});
  CHECK(accepted.timer == SocketTimer::Off);
}

TEST_CASE("a mark is told to who may know it, and a device that the socket is bound to") {
  const test::Stage stage = connection(AF_INET);
  const int mark = 0x2a;
  if (::setsockopt(stage.client.get(), SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) != 0) return;
  REQUIRE(::setsockopt(stage.client.get(), SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) == 0);
  const auto entries = listed(port_filter(port_of(stage.listener)));
  CHECK(entry_of(entries, stage.client.get()).mark == 0x2aU);
  CHECK(entry_of(entries, stage.client.get()).interface.has_value());
  CHECK(entry_of(entries, stage.accepted.get()).mark == 0U);
}

TEST_CASE("queues are bytes that wait, and of a listener connections and its backlog") {
  const test::Stage stage = connection(AF_INET);
  REQUIRE(::send(stage.client.get(), "12345", 5, 0) == 5);
  const os::Descriptor waiting = test::tcp_socket(AF_INET);
  const Endpoint address = local_endpoint(stage.listener.get());
  REQUIRE(::connect(waiting.get(), address.data(), address.size()) == 0);
  const auto entries = listed(port_filter(address.port()));
  CHECK(entry_of(entries, stage.accepted.get()).receive_queue == 5);
  CHECK(entry_of(entries, stage.listener.get()).receive_queue == 1);
  CHECK(entry_of(entries, stage.listener.get()).send_queue == 4);
  // The connection that nobody accepted yet is nobody's.
  const auto nobody = std::ranges::find_if(entries, [&](const SocketEntry& entry) {
    return entry.local == address && entry.peer == local_endpoint(waiting.get());
  });
  REQUIRE(nobody != entries.end());
  CHECK(nobody->inode == 0);
}

TEST_CASE("a socket in time-wait has a timer, and neither inode nor user nor TCP_INFO") {
  test::Stage stage = connection(AF_INET);
  SocketFilter filter;
  filter.states = *parse_socket_state("time-wait");
  filter.local = {*parse_address_match(local_endpoint(stage.client.get()).text())};
  filter.peer = {*parse_address_match(peer_endpoint(stage.client.get()).text())};
  char byte = 0;
  stage.client = os::Descriptor();
  REQUIRE(::recv(stage.accepted.get(), &byte, 1, 0) == 0);
  stage.accepted = os::Descriptor();
  const auto entries = listed(filter);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].state == SocketState::TimeWait);
  CHECK(entries[0].timer == SocketTimer::TimeWait);
  CHECK(entries[0].timer_ms > 30'000);
  CHECK(entries[0].inode == 0);
  CHECK_FALSE(entries[0].uid);
  CHECK_FALSE(entries[0].info);
  CHECK_FALSE(entries[0].memory);
}

TEST_CASE("a socket that is only bound is told as that, where the kernel tells it (Linux 6.8)") {
  const os::Descriptor socket = test::tcp_socket(AF_INET);
  const Endpoint any_port = Endpoint::ipv4_loopback(0);
  REQUIRE(::bind(socket.get(), any_port.data(), any_port.size()) == 0);
  for (const SocketEntry& entry : listed(port_filter(port_of(socket)))) {
    CHECK(entry.state == SocketState::BoundInactive);
    CHECK(entry.cookie == cookie_of(socket.get()));
    CHECK(entry.peer == Endpoint());
  }
}

TEST_CASE("a dual-stack listener says so, and its IPv4 connections are found by their IPv4 addresses") {
  os::Descriptor listener = test::tcp_socket(AF_INET6);
  set(listener.get(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  REQUIRE(::listen(listener.get(), 4) == 0);  // [::] and a port of the kernel's choice
  const std::uint16_t port = port_of(listener);
  const os::Descriptor client = test::tcp_socket(AF_INET);
  const Endpoint address = Endpoint::ipv4_loopback(port);
  REQUIRE(::connect(client.get(), address.data(), address.size()) == 0);
  const os::Descriptor accepted(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  CHECK(entry_of(listed(port_filter(port)), listener.get()).v6only == false);
  SocketFilter filter = port_filter(port);
  filter.local = {*parse_address_match("127.0.0.1:" + std::to_string(port))};
  const auto entries = listed(filter);
  REQUIRE(entries.size() == 1);
  CHECK(entries[0].cookie == cookie_of(accepted.get()));
  CHECK(entries[0].local.family() == AF_INET6);
}

TEST_CASE("states and ports are conditions, whether the kernel looks at them or we do") {
  const test::Stage stage = connection(AF_INET);
  const std::uint16_t port = port_of(stage.listener);
  const auto match = [](std::uint16_t number) { return *parse_address_match(":" + std::to_string(number)); };
  SocketFilter filter = port_filter(port);
  const std::uint32_t living = filter.states;
  filter.ports.clear();
  filter.local = {match(port)};
  CHECK(listed(filter).size() == 2);
  filter.states = *parse_socket_state("listen");
  CHECK(listed(filter).size() == 1);
  filter.states = living;
  filter.peer = {match(port_of(stage.client))};
  CHECK(listed(filter).size() == 1);
  filter.local = {match(port), match(1)};
  CHECK(listed(filter).size() == 1);
  filter.peer = {match(1)};
  CHECK(listed(filter).empty());
  CHECK(count_told(listed(port_filter(port)), SocketState::Established) == 2);
}

TEST_CASE("a multipath socket is told as one, and its subflows as TCP sockets that are such") {
  const os::Descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, kMptcp));
  const os::Descriptor client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, kMptcp));
  if (!listener || !client) return;  // this kernel has none
  sockaddr_storage address = {};
  socklen_t length = 0;
  REQUIRE(test::listen_on_loopback(listener.get(), AF_INET, address, length));
  REQUIRE(::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), length) == 0);
  const os::Descriptor accepted(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const auto entries = listed(port_filter(port_of(listener)));
  CHECK(entries.size() == 6);
  for (const os::Descriptor* socket : {&listener, &client, &accepted}) {
    const SocketEntry& entry = entry_of(entries, socket->get());
    CHECK(entry.mptcp);
    CHECK_FALSE(entry.info);
    CHECK(entry.memory);
    CHECK(entry.inode == inode_of(socket->get()));
    CHECK(entry.local == local_endpoint(socket->get()));
  }
  for (const SocketEntry& entry : entries) {
    CHECK((entry.ulp == "mptcp") != entry.mptcp);
    CHECK(entry.info.has_value() != entry.mptcp);
  }
}

TEST_CASE("more sockets than one datagram holds are told once each") {
  constexpr std::size_t kSockets = 300;
  std::vector<os::Descriptor> sockets;
  Endpoint address = Endpoint::ipv4_loopback(0);
  std::set<std::uint64_t> cookies;
  while (sockets.size() < kSockets) {
    sockets.push_back(test::tcp_socket(AF_INET));
    set(sockets.back().get(), SOL_SOCKET, SO_REUSEPORT, 1);
    REQUIRE(::bind(sockets.back().get(), address.data(), address.size()) == 0);
    REQUIRE(::listen(sockets.back().get(), 1) == 0);
    address = local_endpoint(sockets.back().get());
    cookies.insert(cookie_of(sockets.back().get()));
  }
  const auto entries = listed(port_filter(address.port()));
  CHECK(entries.size() == kSockets);
  for (const SocketEntry& entry : entries) cookies.erase(entry.cookie);
  CHECK(cookies.empty());
}

TEST_CASE("a process out of descriptors is told so, not that there are no sockets") {
  if (test::kSanitizerNeedsDescriptors) return;
  const test::FewDescriptors none(0);
  const auto notes = list_sockets(SocketFilter(), DiagDetail::Full, [](const SocketEntry&) {});
  REQUIRE_FALSE(notes);
  CHECK(notes.error().code == std::errc::too_many_files_open);
}
