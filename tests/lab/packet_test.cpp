#include "lab/packet.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "support/catch.hpp"

namespace tcpkit::lab {
namespace {

using Packet = std::vector<std::uint8_t>;

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kAck = 0x10;

/// A TCP header with 12 bytes of options, from port 0x1234 to 0x0050.
Packet segment(std::uint8_t flags, std::size_t data, bool backwards = false) {
  Packet bytes(32 + data);
  const Packet ports = backwards ? Packet{0x00, 0x50, 0x12, 0x34} : Packet{0x12, 0x34, 0x00, 0x50};
  std::copy(ports.begin(), ports.end(), bytes.begin());
  bytes[12] = 8 << 4;
  bytes[13] = flags;
  return bytes;
}

Packet with_header(Packet header, const Packet& payload) {
  header.insert(header.end(), payload.begin(), payload.end());
  return header;
}

Packet ipv4(const Packet& payload, bool backwards = false, std::uint8_t protocol = kTcp) {
  Packet header(20);
  header[0] = 0x45;
  header[9] = protocol;
  header[12] = header[16] = 10;
  header[15] = backwards ? 2 : 1;
  header[19] = backwards ? 1 : 2;
  return with_header(header, payload);
}

Packet ipv6(const Packet& payload) {
  Packet header(40);
  header[0] = 0x60;
  header[6] = kTcp;
  header[8] = header[24] = 0xfd;
  header[23] = 1;
  header[39] = 2;
  return with_header(header, payload);
}

TEST_CASE("a SYN opens a flow, a SYN with ACK does not") {
  CHECK(read_packet(ipv4(segment(kSyn, 0))).opens);
  CHECK(read_packet(ipv6(segment(kSyn, 0))).opens);
  CHECK_FALSE(read_packet(ipv4(segment(kSyn | kAck, 0))).opens);
  CHECK_FALSE(read_packet(ipv4(segment(kAck, 0))).opens);
}

TEST_CASE("options of a TCP header are no data") {
  CHECK_FALSE(read_packet(ipv4(segment(kAck, 0))).has_data);
  CHECK(read_packet(ipv4(segment(kAck, 1))).has_data);
  CHECK(read_packet(ipv6(segment(kAck, 1))).has_data);
}

TEST_CASE("a flow is the same in both directions") {
  const PacketFacts there = read_packet(ipv4(segment(kAck, 0)));
  const PacketFacts back = read_packet(ipv4(segment(kAck, 0, true), true));
  REQUIRE(there.tcp);
  CHECK(there.flow == back.flow);
  CHECK(there.flow != read_packet(ipv6(segment(kAck, 0))).flow);
  CHECK(there.flow != read_packet(ipv4(segment(kAck, 0, true))).flow);
}

TEST_CASE("what is not TCP is no flow") {
  CHECK_FALSE(read_packet(ipv4(segment(kSyn, 0), false, kUdp)).tcp);
}

TEST_CASE("multicast is told by the address") {
  Packet packet = ipv4(segment(kAck, 0));
  CHECK_FALSE(read_packet(packet).multicast);
  packet[16] = 0xe0;
  CHECK(read_packet(packet).multicast);
  packet = ipv6(segment(kAck, 0));
  CHECK_FALSE(read_packet(packet).multicast);
  packet[24] = 0xff;
  CHECK(read_packet(packet).multicast);
}

TEST_CASE("a packet cut anywhere is read no further than it goes") {
  for (const Packet& whole : {ipv4(segment(kSyn, 0)), ipv6(segment(kSyn, 0))}) {
    for (std::size_t length = 0; length < whole.size() - 12; ++length) {
      const Packet cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      CHECK_FALSE(read_packet(cut).tcp);
    }
  }
}

TEST_CASE("an IP header shorter than one can be is no packet") {
  Packet packet = ipv4(segment(kSyn, 0));
  packet[0] = 0x44;
  CHECK_FALSE(read_packet(packet).tcp);
}

}  // namespace
}  // namespace tcpkit::lab
