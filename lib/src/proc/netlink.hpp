#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/endpoint.hpp>

#include "proc/netlink_socket.hpp"

/// sock_diag(7): the kernel's list of TCP sockets, of the network namespace that the calling thread is in.
namespace tcpkit {

/// INET_DIAG_... of include/uapi/linux/inet_diag.h.
enum class DiagAttribute : std::uint16_t {
  Info = 2,
  Congestion = 4,
  Tos = 5,
  TrafficClass = 6,
  Memory = 7,
  Protocol = 10,  ///< of raw sockets only
  V6Only = 11,
  Mark = 15,
  Ulp = 19,
};

/// The bit of DiagRequest::attributes that asks for one; those from Protocol on come unasked.
constexpr std::uint8_t request_bit(DiagAttribute attribute) {
  return static_cast<std::uint8_t>(1U << (static_cast<unsigned>(attribute) - 1));
}

/// Which sockets, and what of them.
struct DiagRequest {
  int family = 0;                ///< AF_INET or AF_INET6; the kernel answers for one at a time
  std::uint32_t states = 0;      ///< a bit for each state wanted: 1 << TCP_LISTEN
  std::uint8_t attributes = 0;   ///< request_bit() of each attribute wanted
  std::uint16_t local_port = 0;  ///< 0 = any
  std::uint16_t peer_port = 0;
  bool mptcp = false;  ///< multipath sockets instead of TCP sockets
};

/// One socket. What the attributes point to lasts as long as the call it was passed to.
struct DiagSocket {
  Endpoint local;
  Endpoint peer;
  std::uint8_t state = 0;
  std::uint8_t timer = 0;
  std::uint8_t retries = 0;
  std::uint32_t timer_ms = 0;
  std::uint32_t receive_queue = 0;
  std::uint32_t send_queue = 0;
  std::uint32_t uid = 0;
  std::uint32_t interface = 0;  ///< 0 = not bound to one
  std::uint64_t inode = 0;      ///< 0 = no process has it open any more
  std::uint64_t cookie = 0;
  std::span<const std::byte> attributes;

  /// The content of an attribute, or nothing when the kernel did not send it.
  [[nodiscard]] std::optional<std::span<const std::byte>> attribute(DiagAttribute number) const {
    return find_attribute(attributes, static_cast<std::uint16_t>(number));
  }
};

using DiagCallback = std::function<void(const DiagSocket&)>;

/// Calls back for every socket asked for. Errors: errno values of the kernel. EINTR (sockets came or went meanwhile)
/// and ENOBUFS (answers were lost) mean that not all were told: forget them and ask again. Thread-safe.
Result<void> dump_sockets(const DiagRequest& request, const DiagCallback& each);

/// How far a dump has come.
struct DumpProgress {
  bool done = false;
  bool interrupted = false;
};

/// Reads one datagram of the kernel's. Any bytes are safe to pass; EBADMSG when they are no such datagram.
Result<void> read_dump(std::span<const std::byte> datagram, const DiagCallback& each, DumpProgress& progress);

}  // namespace tcpkit
