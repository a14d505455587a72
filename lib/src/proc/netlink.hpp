#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/endpoint.hpp>

/// sock_diag(7): the kernel's list of TCP sockets, of the network namespace that the calling thread is in.
namespace tcpkit {

/// Which sockets, and what of them.
struct DiagRequest {
  int family = 0;                ///< AF_INET or AF_INET6; the kernel answers for one at a time
  std::uint32_t states = 0;      ///< a bit for each state wanted: 1 << TCP_LISTEN
  std::uint8_t attributes = 0;   ///< a bit for each attribute wanted: 1 << (INET_DIAG_... - 1)
  std::uint16_t local_port = 0;  ///< 0 = any
};

/// One socket. What the attributes point to lasts as long as the call it was passed to.
struct DiagSocket {
  Endpoint local;
  Endpoint peer;
  std::uint8_t state = 0;
  std::uint64_t inode = 0;  ///< 0 = no process has it open any more
  std::span<const std::byte> attributes;

  /// The content of the attribute with this INET_DIAG_... number, or nothing when the kernel did not send it.
  [[nodiscard]] std::optional<std::span<const std::byte>> attribute(std::uint16_t number) const;
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
