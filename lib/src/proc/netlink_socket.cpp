#include "proc/netlink_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace tcpkit {
namespace {

// What the kernel makes a datagram of a dump from, given the room: netlink_dump() in net/netlink/af_netlink.c.
constexpr std::size_t kFirstRoom = 32'768;

}  // namespace

Bytes after(Bytes bytes, std::size_t length) {
  constexpr std::size_t kAlign = NLMSG_ALIGNTO;
  return bytes.subspan(std::min((length + kAlign - 1) / kAlign * kAlign, bytes.size()));
}

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

std::optional<NetlinkMessage> take_message(Bytes& rest) {
  const auto header = load<nlmsghdr>(rest);
  if (!header || header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > rest.size()) return std::nullopt;
  const Bytes body = rest.first(header->nlmsg_len).subspan(sizeof(nlmsghdr));
  rest = after(rest, header->nlmsg_len);
  return NetlinkMessage{header->nlmsg_type, (header->nlmsg_flags & NLM_F_DUMP_INTR) != 0, body};
}

std::optional<int> verdict_of(Bytes body) {
  const auto code = load<std::int32_t>(body);
  if (!code) return std::nullopt;
  const bool is_errno = *code <= 0 && *code > -4096;  // MAX_ERRNO of include/linux/err.h
  return is_errno ? -*code : EBADMSG;
}

NetlinkSocket::NetlinkSocket(os::Descriptor descriptor, const char* doing)
    : descriptor_(std::move(descriptor)),
      doing_(doing),
      size_(kFirstRoom),
      room_(std::make_unique_for_overwrite<std::byte[]>(size_)) {}

Result<NetlinkSocket> NetlinkSocket::open(int protocol, const char* doing) {
  os::Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol));
  if (!socket) return system_error(errno, doing);
  sockaddr_nl kernel = {};
  kernel.nl_family = AF_NETLINK;
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&kernel), sizeof(kernel)) != 0) {
    return system_error(errno, doing);
  }
  const timeval patience = {5, 0};  // the answer is there when send() returns: a kernel that owes one has a fault
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0) {
    return system_error(errno, doing);
  }
  return NetlinkSocket(std::move(socket), doing);
}

Result<void> NetlinkSocket::send(Bytes message) {
  if (::send(descriptor_.get(), message.data(), message.size(), 0) < 0) return system_error(errno, doing_);
  return {};
}

/// recv(2) without signals; a receive timeout is told as what it is.
Result<std::size_t> NetlinkSocket::receive_once(std::size_t size, int flags) {
  for (;;) {
    const ssize_t got = ::recv(descriptor_.get(), room_.get(), size, flags);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return system_error(errno == EAGAIN ? ETIMEDOUT : errno, doing_);
  }
}

/// Its length is asked for first, without a byte of it, for the rest of one that does not fit would be lost.
Result<Bytes> NetlinkSocket::receive() {
  const Result<std::size_t> length = receive_once(0, MSG_PEEK | MSG_TRUNC);
  if (!length) return length.error();
  if (*length > size_) {
    size_ = *length;
    room_ = std::make_unique_for_overwrite<std::byte[]>(size_);
  }
  const Result<std::size_t> got = receive_once(size_, 0);
  if (!got) return got.error();
  return Bytes(room_.get(), *got);
}

}  // namespace tcpkit
