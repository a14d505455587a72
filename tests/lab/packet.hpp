#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>

/// What the path has to know of an IP packet.
namespace tcpkit::lab {

struct FlowEnd {
  std::array<std::uint8_t, 16> address = {};  // of IPv4 the first four bytes
  std::uint16_t port = 0;
  auto operator<=>(const FlowEnd&) const = default;
};

/// A TCP flow; the same in both directions.
struct Flow {
  FlowEnd lower, higher;
  auto operator<=>(const Flow&) const = default;
};

struct PacketFacts {
  bool multicast = false;
  bool tcp = false;
  bool opens = false;     // a SYN without ACK
  bool has_data = false;  // of TCP
  Flow flow;              // of TCP
};

/// Of what is no IP packet, or a cut one, all facts are false. Fragments and IPv6 extension headers are not followed.
[[nodiscard]] PacketFacts read_packet(std::span<const std::uint8_t> packet);

}  // namespace tcpkit::lab
