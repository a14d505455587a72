#include "proc/diag_entry.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace tcpkit {
namespace {

constexpr std::uint16_t kUlpName = 1;  // INET_ULP_INFO_NAME

template <class Number>
std::optional<Number> number_in(const std::optional<Bytes>& content) {
  if (!content || content->size() < sizeof(Number)) return std::nullopt;
  Number number;
  std::memcpy(&number, content->data(), sizeof(Number));
  return number;
}

/// Names end with a zero byte.
std::optional<std::string> name_in(const std::optional<Bytes>& content) {
  if (!content || content->empty()) return std::nullopt;
  const auto* text = reinterpret_cast<const char*>(content->data());
  return std::string(text, std::find(text, text + content->size(), '\0'));
}

std::optional<std::string> ulp_of(const DiagSocket& socket) {
  const auto nested = socket.attribute(DiagAttribute::Ulp);
  return nested ? name_in(find_attribute(*nested, kUlpName)) : std::nullopt;
}

std::optional<SocketMemory> memory_of(const DiagSocket& socket) {
  constexpr std::size_t kWords = 9;  // in the order of SK_MEMINFO_... in include/uapi/linux/sock_diag.h
  const auto words = number_in<std::array<std::uint32_t, kWords>>(socket.attribute(DiagAttribute::Memory));
  if (!words) return std::nullopt;
  const auto& w = *words;
  return SocketMemory{w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8]};
}

std::optional<TcpInfo> info_of(const DiagSocket& socket) {
  const auto content = socket.attribute(DiagAttribute::Info);
  return content && !content->empty() ? std::optional<TcpInfo>(*content) : std::nullopt;
}

/// A closed TCP socket is in none of the kernel's lists: the one told as closed is in that of bound ones (Linux 6.8).
SocketState state_of(const DiagSocket& socket, bool mptcp) {
  const auto state = static_cast<SocketState>(socket.state);
  return state == SocketState::Close && !mptcp ? SocketState::BoundInactive : state;
}

/// A socket that is not connected has 0.0.0.0:0 for its peer.
Endpoint peer_of(const DiagSocket& socket) {
  return socket.peer.port() == 0 && is_any_address(socket.peer) ? Endpoint() : socket.peer;
}

}  // namespace

SocketEntry entry_of(const DiagSocket& socket, bool mptcp) {
  SocketEntry entry;
  entry.local = socket.local;
  entry.peer = peer_of(socket);
  entry.state = state_of(socket, mptcp);
  entry.mptcp = mptcp;
  entry.inode = socket.inode;
  entry.cookie = socket.cookie;
  // Time-wait and half-open sockets are told with 0, inode and user: nothing is known, least of all that it was root.
  if (socket.inode != 0 || socket.uid != 0) entry.uid = socket.uid;
  entry.receive_queue = socket.receive_queue;
  entry.send_queue = socket.send_queue;
  entry.timer = static_cast<SocketTimer>(socket.timer);
  entry.timer_ms = socket.timer_ms;
  entry.retries = socket.retries;
  if (socket.interface != 0) entry.interface = socket.interface;
  if (!mptcp) entry.info = info_of(socket);
  entry.congestion = name_in(socket.attribute(DiagAttribute::Congestion));
  entry.ulp = ulp_of(socket);
  entry.memory = memory_of(socket);
  entry.tos = number_in<std::uint8_t>(socket.attribute(DiagAttribute::Tos));
  entry.traffic_class = number_in<std::uint8_t>(socket.attribute(DiagAttribute::TrafficClass));
  entry.mark = number_in<std::uint32_t>(socket.attribute(DiagAttribute::Mark));
  if (const auto v6only = number_in<std::uint8_t>(socket.attribute(DiagAttribute::V6Only))) {
    entry.v6only = *v6only != 0;
  }
  return entry;
}

}  // namespace tcpkit
