#include "proc/netlink.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "os/descriptor.hpp"

namespace tcpkit {
namespace {

using Bytes = std::span<const std::byte>;

constexpr const char* kDoing = "list TCP sockets with sock_diag";
// What the kernel makes a datagram of a dump from, given the room: netlink_dump() in net/netlink/af_netlink.c.
constexpr std::size_t kFirstRoom = 32'768;
constexpr std::uint32_t kProtocolMptcp = 262;  // IPPROTO_MPTCP, newer than some headers

Error failure(int errno_value) {
  return system_error(errno_value, kDoing);
}

/// A copy, for nothing says that the kernel's structures lie on their alignment here.
template <class Structure>
std::optional<Structure> load(Bytes from) {
  if (from.size() < sizeof(Structure)) return std::nullopt;
  Structure structure;
  std::memcpy(&structure, from.data(), sizeof(Structure));
  return structure;
}

/// What follows the first `length` bytes, and the padding up to the next multiple of 4.
Bytes after(Bytes bytes, std::size_t length) {
  constexpr std::size_t kAlign = NLMSG_ALIGNTO;
  return bytes.subspan(std::min((length + kAlign - 1) / kAlign * kAlign, bytes.size()));
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

/// Of NLMSG_ERROR and NLMSG_DONE: 0 or a negative errno value comes first. Old kernels end a dump without one.
Result<void> verdict(Bytes body, bool required) {
  const auto code = load<std::int32_t>(body);
  if (!code) return required ? Result<void>(failure(EBADMSG)) : Result<void>();
  if (*code == 0) return {};
  return failure(*code < 0 && *code > -4096 ? -*code : EBADMSG);  // MAX_ERRNO of include/linux/err.h
}

Result<void> read_message(const nlmsghdr& header, Bytes body, const DiagCallback& each, DumpProgress& progress) {
  if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) progress.interrupted = true;
  switch (header.nlmsg_type) {
    case SOCK_DIAG_BY_FAMILY:
      return tell_socket(body, each);
    case NLMSG_DONE:
      progress.done = true;
      return verdict(body, false);
    case NLMSG_ERROR:
      return verdict(body, true);
    case NLMSG_OVERRUN:
      return failure(ENOBUFS);
    default:
      return {};  // NLMSG_NOOP, and what later kernels may say beside the sockets
  }
}

/// A socket of the calling thread's namespace that hears the kernel and nobody else.
Result<os::Descriptor> open_diag() {
  os::Descriptor diag(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!diag) return failure(errno);
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  if (::connect(diag.get(), reinterpret_cast<const sockaddr*>(&kernel), sizeof(kernel)) != 0) return failure(errno);
  const timeval patience = {5, 0};  // the answer is there when send() returns: a kernel that owes one has a fault
  if (::setsockopt(diag.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0) return failure(errno);
  return diag;
}

Result<void> ask(int diag, const DiagRequest& request) {
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
  return ::send(diag, &message, message.header.nlmsg_len, 0) < 0 ? failure(errno) : Result<void>();
}

/// recv(2) without signals; a receive timeout is told as what it is.
Result<std::size_t> receive_once(int diag, std::vector<std::byte>& room, int flags) {
  for (;;) {
    const ssize_t got = ::recv(diag, room.data(), room.size(), flags);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return failure(errno == EAGAIN ? ETIMEDOUT : errno);
  }
}

/// The next datagram whole: its length is looked at first, for the rest of one that does not fit would be lost.
Result<Bytes> receive(int diag, std::vector<std::byte>& room) {
  const Result<std::size_t> length = receive_once(diag, room, MSG_PEEK | MSG_TRUNC);
  if (!length) return length.error();
  if (*length > room.size()) room.resize(*length);
  const Result<std::size_t> got = receive_once(diag, room, 0);
  if (!got) return got.error();
  return Bytes(room).first(*got);
}

}  // namespace

std::optional<Bytes> find_attribute(Bytes attributes, std::uint16_t number) {
  for (Bytes rest = attributes; !rest.empty();) {
    const auto header = load<nlattr>(rest);
    if (!header || header->nla_len < sizeof(nlattr) || header->nla_len > rest.size()) return std::nullopt;
    if ((header->nla_type & NLA_TYPE_MASK) == number) {
      return rest.first(header->nla_len).subspan(sizeof(nlattr));
    }
    rest = after(rest, header->nla_len);
  }
  return std::nullopt;
}

Result<void> read_dump(Bytes datagram, const DiagCallback& each, DumpProgress& progress) {
  for (Bytes rest = datagram; !rest.empty() && !progress.done;) {
    const auto header = load<nlmsghdr>(rest);
    if (!header || header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > rest.size()) return failure(EBADMSG);
    const Bytes body = rest.first(header->nlmsg_len).subspan(sizeof(nlmsghdr));
    if (auto read = read_message(*header, body, each, progress); !read) return read;
    rest = after(rest, header->nlmsg_len);
  }
  return {};
}

Result<void> dump_sockets(const DiagRequest& request, const DiagCallback& each) {
  const Result<os::Descriptor> diag = open_diag();
  if (!diag) return diag.error();
  if (auto asked = ask(diag->get(), request); !asked) return asked;
  std::vector<std::byte> room(kFirstRoom);
  for (DumpProgress progress; !progress.done;) {
    const Result<Bytes> datagram = receive(diag->get(), room);
    if (!datagram) return datagram.error();
    if (auto read = read_dump(*datagram, each, progress); !read) return read;
    if (progress.done && progress.interrupted) return failure(EINTR);
  }
  return {};
}

}  // namespace tcpkit
