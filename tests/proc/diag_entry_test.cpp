#include "proc/diag_entry.hpp"

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "support/catch.hpp"

using namespace tcpkit;

namespace {

std::string word(std::uint16_t number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof(number));
}

std::string long_word(std::uint32_t number) {
  return std::string(reinterpret_cast<const char*>(&number), sizeof(number));
}

std::string attribute(std::uint16_t number, const std::string& content) {
  std::string bytes = word(static_cast<std::uint16_t>(4 + content.size())) + word(number) + content;
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return bytes;
}

std::string attribute(DiagAttribute number, const std::string& content) {
  return attribute(static_cast<std::uint16_t>(number), content);
}

SocketEntry entry_with(const std::string& attributes, bool mptcp = false) {
  // A copy of its own on the heap, where the sanitizer sees a step beyond the end.
  const std::vector<char> bytes(attributes.begin(), attributes.end());
  DiagSocket socket;
  socket.attributes = std::as_bytes(std::span(bytes));
  return entry_of(socket, mptcp);
}

std::string memory_words(unsigned count) {
  std::string words;
  for (unsigned i = 1; i <= count; ++i) words += long_word(i);
  return words;
}

}  // namespace

TEST_CASE("diag entry: what the message says is taken over") {
  DiagSocket socket;
  socket.local = Endpoint::ipv4_loopback(80);
  socket.peer = Endpoint::ipv4_loopback(40000);
  socket.state = 1;
  socket.timer = 2;
  socket.retries = 3;
  socket.timer_ms = 7'200'000;
  socket.receive_queue = 4;
  socket.send_queue = 5;
  socket.uid = 1000;
  socket.interface = 6;
  socket.inode = 0xffff'ffff;
  socket.cookie = 0x1'0000'0002;
  const SocketEntry entry = entry_of(socket, false);
  CHECK(entry.local == socket.local);
  CHECK(entry.peer == socket.peer);
  CHECK(entry.state == SocketState::Established);
  CHECK(entry.timer == SocketTimer::Keepalive);
  CHECK(entry.retries == 3);
  CHECK(entry.timer_ms == 7'200'000);
  CHECK(entry.receive_queue == 4);
  CHECK(entry.send_queue == 5);
  CHECK(entry.uid == 1000U);
  CHECK(entry.interface == 6U);
  CHECK(entry.inode == 0xffff'ffff);
  CHECK(entry.cookie == 0x1'0000'0002);
}

TEST_CASE("diag entry: what the kernel leaves out is absent, not zero") {
  const SocketEntry entry = entry_with("");
  CHECK_FALSE(entry.uid);
  CHECK_FALSE(entry.interface);
  CHECK_FALSE(entry.info);
  CHECK_FALSE(entry.congestion);
  CHECK_FALSE(entry.ulp);
  CHECK_FALSE(entry.memory);
  CHECK_FALSE(entry.tos);
  CHECK_FALSE(entry.traffic_class);
  CHECK_FALSE(entry.mark);
  CHECK_FALSE(entry.v6only);
}

TEST_CASE("diag entry: zero is told as zero") {
  const std::string zero(1, '\0');
  const SocketEntry entry =
      entry_with(attribute(DiagAttribute::Tos, zero) + attribute(DiagAttribute::TrafficClass, zero) +
                 attribute(DiagAttribute::Mark, long_word(0)) + attribute(DiagAttribute::V6Only, zero));
  CHECK(entry.tos == std::uint8_t{0});
  CHECK(entry.traffic_class == std::uint8_t{0});
  CHECK(entry.mark == 0U);
  CHECK(entry.v6only == false);
}

TEST_CASE("diag entry: a socket of root that a process has open is root's") {
  DiagSocket socket;
  socket.inode = 42;
  CHECK(entry_of(socket, false).uid == 0U);
}

TEST_CASE("diag entry: attributes are read by their numbers") {
  const SocketEntry entry = entry_with(
      attribute(DiagAttribute::Info, std::string(104, '\x01')) +
      attribute(DiagAttribute::Congestion, std::string("cubic\0", 6)) + attribute(DiagAttribute::Tos, "\x10") +
      attribute(DiagAttribute::TrafficClass, "\xb8") + attribute(DiagAttribute::Memory, memory_words(9)) +
      attribute(DiagAttribute::Mark, long_word(0xffff'ffff)) + attribute(DiagAttribute::V6Only, "\x01") +
      attribute(DiagAttribute::Ulp, attribute(1, std::string("mptcp\0", 6)) + attribute(3, "subflow")));
  REQUIRE(entry.info);
  CHECK(entry.info->size() == 104);
  CHECK(entry.congestion == "cubic");
  CHECK(entry.tos == std::uint8_t{0x10});
  CHECK(entry.traffic_class == std::uint8_t{0xb8});
  REQUIRE(entry.memory);
  CHECK(entry.memory->receive_allocated == 1);
  CHECK(entry.memory->receive_buffer == 2);
  CHECK(entry.memory->send_allocated == 3);
  CHECK(entry.memory->send_buffer == 4);
  CHECK(entry.memory->forward_allocated == 5);
  CHECK(entry.memory->send_queued == 6);
  CHECK(entry.memory->option_memory == 7);
  CHECK(entry.memory->backlog == 8);
  CHECK(entry.memory->drops == 9);
  CHECK(entry.mark == 0xffff'ffffU);
  CHECK(entry.v6only == true);
  CHECK(entry.ulp == "mptcp");
}

TEST_CASE("diag entry: an attribute that is cut short is as good as none") {
  const SocketEntry entry =
      entry_with(attribute(DiagAttribute::Info, "") + attribute(DiagAttribute::Congestion, "") +
                 attribute(DiagAttribute::Tos, "") + attribute(DiagAttribute::Memory, memory_words(8)) +
                 attribute(DiagAttribute::Mark, "abc") + attribute(DiagAttribute::Ulp, "xyz"));
  CHECK_FALSE(entry.info);
  CHECK_FALSE(entry.congestion);
  CHECK_FALSE(entry.tos);
  CHECK_FALSE(entry.memory);
  CHECK_FALSE(entry.mark);
  CHECK_FALSE(entry.ulp);
}

TEST_CASE("diag entry: an attribute may grow, a name may lack its end") {
  const SocketEntry entry =
      entry_with(attribute(DiagAttribute::Memory, memory_words(12)) + attribute(DiagAttribute::Tos, "\x02\xff\xff") +
                 attribute(DiagAttribute::Congestion, "bbr"));
  REQUIRE(entry.memory);
  CHECK(entry.memory->drops == 9);
  CHECK(entry.tos == std::uint8_t{2});
  CHECK(entry.congestion == "bbr");
}

TEST_CASE("diag entry: a multipath socket has no TCP_INFO, what is told in its place is another structure") {
  const SocketEntry entry = entry_with(attribute(DiagAttribute::Info, std::string(96, '\x01')), true);
  CHECK(entry.mptcp);
  CHECK_FALSE(entry.info);
}

TEST_CASE("diag entry: a TCP socket told as closed is one that is bound") {
  DiagSocket socket;
  socket.state = 7;
  CHECK(entry_of(socket, false).state == SocketState::BoundInactive);
  CHECK(entry_of(socket, true).state == SocketState::Close);
}

TEST_CASE("diag entry: 0.0.0.0:0 is no peer") {
  DiagSocket socket;
  socket.peer = Endpoint::ipv4_loopback(0);
  CHECK(entry_of(socket, false).peer == socket.peer);
  const unsigned char any[16] = {AF_INET};
  sockaddr_storage storage = {};
  std::memcpy(&storage, any, sizeof(any));
  storage.ss_family = AF_INET;
  socket.peer = Endpoint(reinterpret_cast<const sockaddr*>(&storage), sizeof(storage));
  REQUIRE(is_any_address(socket.peer));
  CHECK(entry_of(socket, false).peer == Endpoint());
  socket.peer.set_port(1);
  CHECK(entry_of(socket, false).peer == socket.peer);
}

TEST_CASE("diag entry: no attributes make the reader run wild") {
  const std::string good = attribute(DiagAttribute::Info, std::string(280, 'i')) +
                           attribute(DiagAttribute::Congestion, std::string("cubic\0", 6)) +
                           attribute(DiagAttribute::Memory, memory_words(9)) +
                           attribute(DiagAttribute::Ulp, attribute(1, std::string("tls\0", 4)));
  std::mt19937 random(20240229);
  int whole = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string attributes = good;
    for (auto edits = random() % 5; edits > 0; --edits) {
      attributes[random() % attributes.size()] = static_cast<char>(static_cast<unsigned char>(random()));
    }
    attributes.resize(attributes.size() - (random() % 2 == 0 ? 0 : random() % attributes.size()));
    const SocketEntry entry = entry_with(attributes);
    if (entry.info && entry.info->size() > attributes.size()) FAIL("more than there is");
    if (entry.congestion && entry.congestion->size() > attributes.size()) FAIL("more than there is");
    if (entry.ulp == "tls") ++whole;
  }
  CHECK(whole > 1000);
}
