#include "proc/netlink.hpp"

#include <cerrno>
#include <cstring>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "proc/netlink_socket.hpp"

namespace tcpkit {
namespace {

constexpr const char* kDoing = "list TCP sockets with sock_diag";
constexpr std::uint32_t kProtocolMptcp = 262;  // IPPROTO_MPTCP, newer than some headers

Error failure(int errno_value) {
  return system_error(errno_value, kDoing);
}

Endpoint make_endpoint(int family, const std::uint32_t (&address)[4], std::uint16_t port, std::uint32_t interface) {
  if (family == AF_INET) {
    sockaddr_in ipv4 = {};
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = port;
    ipv4.sin_addr.s_addr = address[0];
    return {reinterpret_cast<const sockaddr*>(&ipv4), sizeof(ipv4)};
  }
  if (family != AF_INET6) return {};
  sockaddr_in6 ipv6 = {};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = port;
  std::memcpy(&ipv6.sin6_addr, address, sizeof(ipv6.sin6_addr));
  if (IN6_IS_ADDR_LINKLOCAL(&ipv6.sin6_addr)) ipv6.sin6_scope_id = interface;
  return {reinterpret_cast<const sockaddr*>(&ipv6), sizeof(ipv6)};
}

Result<void> tell_socket(Bytes body, const DiagCallback& each) {
  const auto message = load<inet_diag_msg>(body);
  if (!message) return failure(EBADMSG);
  const inet_diag_sockid& id = message->id;
  DiagSocket socket;
  socket.local = make_endpoint(message->idiag_family, id.idiag_src, id.idiag_sport, id.idiag_if);
  socket.peer = make_endpoint(message->idiag_family, id.idiag_dst, id.idiag_dport, id.idiag_if);
  socket.state = message->idiag_state;
  socket.timer = message->idiag_timer;
  socket.retries = message->idiag_retrans;
  socket.timer_ms = message->idiag_expires;
  socket.receive_queue = message->idiag_rqueue;
  socket.send_queue = message->idiag_wqueue;
  socket.uid = message->idiag_uid;
  socket.interface = id.idiag_if;
  socket.inode = message->idiag_inode;
  socket.cookie = id.idiag_cookie[0] | std::uint64_t{id.idiag_cookie[1]} << 32;
  socket.attributes = after(body, sizeof(inet_diag_msg));
  each(socket);
  return {};
}

/// Of NLMSG_ERROR and NLMSG_DONE. Old kernels end a dump without one.
Result<void> verdict(Bytes body, bool required) {
  const std::optional<int> code = verdict_of(body);
  if (!code) return required ? Result<void>(failure(EBADMSG)) : Result<void>();
  return *code == 0 ? Result<void>() : failure(*code);
}

Result<void> read_message(const NetlinkMessage& message, const DiagCallback& each, DumpProgress& progress) {
  if (message.interrupted) progress.interrupted = true;
  switch (message.type) {
    case SOCK_DIAG_BY_FAMILY:
      return tell_socket(message.body, each);
    case NLMSG_DONE:
      progress.done = true;
      return verdict(message.body, false);
    case NLMSG_ERROR:
      return verdict(message.body, true);
    case NLMSG_OVERRUN:
      return failure(ENOBUFS);
    default:
      return {};  // NLMSG_NOOP, and what later kernels may say beside the sockets
  }
}

Result<void> ask(NetlinkSocket& diag, const DiagRequest& request) {
  struct {
    nlmsghdr header;
    inet_diag_req_v2 body;
    nlattr protocol_header;  // the field of the body has eight bits, too few for IPPROTO_MPTCP: RAW says to look here
    std::uint32_t protocol;
  } message = {};
  message.header.nlmsg_len = request.mptcp ? sizeof(message) : offsetof(decltype(message), protocol_header);
  message.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  message.body.sdiag_family = static_cast<std::uint8_t>(request.family);
  message.body.sdiag_protocol = request.mptcp ? IPPROTO_RAW : IPPROTO_TCP;
  message.body.idiag_ext = request.attributes;
  message.body.idiag_states = request.states;
  message.body.id.idiag_sport = htons(request.local_port);
  message.body.id.idiag_dport = htons(request.peer_port);
  message.body.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
  message.body.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  message.protocol_header = {sizeof(nlattr) + sizeof(message.protocol), INET_DIAG_REQ_PROTOCOL};
  message.protocol = kProtocolMptcp;
  return diag.send(std::as_bytes(std::span(&message, 1)).first(message.header.nlmsg_len));
}

}  // namespace

Result<void> read_dump(Bytes datagram, const DiagCallback& each, DumpProgress& progress) {
  for (Bytes rest = datagram; !rest.empty() && !progress.done;) {
    const auto message = take_message(rest);
    if (!message) return failure(EBADMSG);
    if (auto read = read_message(*message, each, progress); !read) return read;
  }
  return {};
}

Result<void> dump_sockets(const DiagRequest& request, const DiagCallback& each) {
  Result<NetlinkSocket> diag = NetlinkSocket::open(NETLINK_SOCK_DIAG, kDoing);
  if (!diag) return diag.error();
  if (auto asked = ask(*diag, request); !asked) return asked;
  for (DumpProgress progress; !progress.done;) {
    const Result<Bytes> datagram = diag->receive();
    if (!datagram) return datagram.error();
    if (auto read = read_dump(*datagram, each, progress); !read) return read;
    if (progress.done && progress.interrupted) return failure(EINTR);
  }
  return {};
}

}  // namespace tcpkit
