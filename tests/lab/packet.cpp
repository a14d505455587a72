#include "lab/packet.hpp"

#include <algorithm>

namespace tcpkit::lab {
namespace {

constexpr std::uint8_t kTcp = 6;  // IANA protocol number
constexpr std::size_t kTcpHeaderBytes = 20;
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kAck = 0x10;

using Bytes = std::span<const std::uint8_t>;

/// Where the addresses are, and what follows the IP header (RFC 791, RFC 8200).
struct IpFacts {
  Bytes source, destination, payload;
  std::uint8_t protocol = 0;
};

IpFacts read_ipv4(Bytes packet) {
  constexpr std::size_t kLeast = 20;
  if (packet.size() < kLeast) return {};
  const std::size_t header = 4u * (packet[0] & 0x0fu);
  if (header < kLeast || packet.size() < header) return {};
  return {packet.subspan(12, 4), packet.subspan(16, 4), packet.subspan(header), packet[9]};
}

IpFacts read_ipv6(Bytes packet) {
  constexpr std::size_t kHeader = 40;
  if (packet.size() < kHeader) return {};
  return {packet.subspan(8, 16), packet.subspan(24, 16), packet.subspan(kHeader), packet[6]};
}

IpFacts read_ip(Bytes packet) {
  if (packet.empty()) return {};
  const int version = packet[0] >> 4;
  if (version == 4) return read_ipv4(packet);
  return version == 6 ? read_ipv6(packet) : IpFacts{};
}

bool is_multicast(Bytes address) {
  if (address.empty()) return false;
  return address.size() == 4 ? address[0] >> 4 == 0xe : address[0] == 0xff;
}

FlowEnd flow_end(Bytes address, Bytes port) {
  FlowEnd end;
  std::ranges::copy(address, end.address.begin());
  end.port = static_cast<std::uint16_t>(port[0] << 8 | port[1]);
  return end;
}

}  // namespace

PacketFacts read_packet(std::span<const std::uint8_t> packet) {
  const IpFacts ip = read_ip(packet);
  PacketFacts facts;
  facts.multicast = is_multicast(ip.destination);
  if (ip.protocol != kTcp || ip.payload.size() < kTcpHeaderBytes) return facts;
  facts.tcp = true;
  const std::uint8_t flags = ip.payload[13];
  facts.opens = (flags & (kSyn | kAck)) == kSyn;
  facts.has_data = ip.payload.size() > 4u * (ip.payload[12] >> 4u);
  const FlowEnd source = flow_end(ip.source, ip.payload.subspan(0, 2));
  const FlowEnd destination = flow_end(ip.destination, ip.payload.subspan(2, 2));
  facts.flow = {std::min(source, destination), std::max(source, destination)};
  return facts;
}

}  // namespace tcpkit::lab
