#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tcpkit/sock/endpoint.hpp>
#include <tcpkit/sock/tcp_info.hpp>

namespace tcpkit {

/// States of a TCP socket, with the kernel's numbers (include/net/tcp_states.h).
enum class SocketState : std::uint8_t {
  Established = 1,
  SynSent,
  SynReceived,
  FinWait1,
  FinWait2,
  TimeWait,
  Close,
  CloseWait,
  LastAck,
  Listen,
  Closing,
  NewSynReceived,
  BoundInactive,
};

/// "established", "syn-sent", "listen", as ss(8) takes them; "state 42" for a number unknown to this program.
[[nodiscard]] TCPKIT_API std::string socket_state_name(SocketState state);

/// Which timer of a socket runs (idiag_timer).
enum class SocketTimer : std::uint8_t { Off, Retransmit, Keepalive, TimeWait, Persist, DelayedAck };

/// SK_MEMINFO of a socket, in bytes (include/uapi/linux/sock_diag.h).
struct SocketMemory {
  std::uint32_t receive_allocated = 0;
  std::uint32_t receive_buffer = 0;
  std::uint32_t send_allocated = 0;
  std::uint32_t send_buffer = 0;
  std::uint32_t forward_allocated = 0;
  std::uint32_t send_queued = 0;
  std::uint32_t option_memory = 0;
  std::uint32_t backlog = 0;
  std::uint32_t drops = 0;
};

/// What sock_diag(7) says about one TCP socket. A plain value; nothing where this kernel or the caller's privileges
/// leave it out.
struct SocketEntry {
  Endpoint local;
  Endpoint peer;  ///< no address for a listener
  SocketState state = SocketState::Close;
  bool mptcp = false;                ///< a multipath socket, not one of its subflows
  std::uint64_t inode = 0;           ///< 0 = no process has it open
  std::uint64_t cookie = 0;          ///< SO_COOKIE: unique until the host is started again
  std::optional<std::uint32_t> uid;  ///< user who made it; not known of time-wait and of what nobody accepted
  std::uint32_t receive_queue = 0;   ///< bytes to be read; of a listener connections to be accepted
  std::uint32_t send_queue = 0;      ///< bytes not acknowledged; of a listener the backlog in effect
  SocketTimer timer = SocketTimer::Off;
  std::uint32_t timer_ms = 0;              ///< until it fires
  std::uint8_t retries = 0;                ///< unanswered retransmissions, keepalive or window probes
  std::optional<std::uint32_t> interface;  ///< index it is bound to
  std::optional<TcpInfo> info;             ///< not of a multipath socket, which has other facts
  std::optional<std::string> congestion;
  /// Upper layer protocol: "tls"; "mptcp" is a subflow, and the first one has the inode of its multipath socket.
  std::optional<std::string> ulp;
  std::optional<SocketMemory> memory;
  std::optional<std::uint8_t> tos;
  std::optional<std::uint8_t> traffic_class;
  std::optional<std::uint32_t> mark;  ///< only for CAP_NET_ADMIN
  std::optional<bool> v6only;         ///< of IPv6 listeners
};

}  // namespace tcpkit
