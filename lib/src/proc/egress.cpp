#include "proc/egress.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "proc/netlink_socket.hpp"
#include "proc/unmapped.hpp"

namespace tcpkit {
namespace {

using MessageCallback = std::function<void(Bytes body)>;

constexpr const char* kDoing = "ask rtnetlink for a route and its queueing discipline";

Error failure(int errno_value) {
  return system_error(errno_value, kDoing);
}

/// Tells every message of the wanted type in a datagram; whether more are to come.
Result<bool> read_answer(Bytes datagram, std::uint16_t wanted, const MessageCallback& each) {
  for (Bytes rest = datagram; !rest.empty();) {
    const auto message = take_message(rest);
    if (!message) return failure(EBADMSG);
    if (message->interrupted) return failure(EINTR);
    if (message->type == wanted) each(message->body);
    if (message->type != NLMSG_DONE && message->type != NLMSG_ERROR) continue;
    const int verdict = verdict_of(message->body).value_or(0);
    return verdict == 0 ? Result<bool>(false) : failure(verdict);
  }
  return true;
}

/// The answers to a request, up to the kernel's word that this was all: of a dump, or by NLM_F_ACK.
template <class Request>
Result<void> ask(Request request, std::uint16_t wanted, const MessageCallback& each) {
  Result<NetlinkSocket> socket = NetlinkSocket::open(NETLINK_ROUTE, kDoing);
  if (!socket) return socket.error();
  request.header.nlmsg_flags |= NLM_F_REQUEST;
  if (auto sent = socket->send(std::as_bytes(std::span(&request, 1)).first(request.header.nlmsg_len)); !sent) {
    return sent;
  }
  for (;;) {
    const Result<Bytes> datagram = socket->receive();
    if (!datagram) return datagram.error();
    const Result<bool> more = read_answer(*datagram, wanted, each);
    if (!more) return more.error();
    if (!*more) return {};
  }
}

struct RouteRequest {
  nlmsghdr header;
  rtmsg route;
  std::array<std::byte, 64> attributes;  // room for an address and an interface
};

/// Contents are whole words, so nothing needs padding.
void append(RouteRequest& request, std::uint16_t type, Bytes content) {
  const rtattr header = {static_cast<unsigned short>(RTA_LENGTH(content.size())), type};
  std::byte* end = request.attributes.data() + (request.header.nlmsg_len - offsetof(RouteRequest, attributes));
  std::memcpy(end, &header, sizeof(header));
  std::memcpy(end + sizeof(header), content.data(), content.size());
  request.header.nlmsg_len += header.rta_len;
}

Bytes address_of(const Endpoint& endpoint) {
  if (endpoint.family() == AF_INET) {
    const auto& ipv4 = *reinterpret_cast<const sockaddr_in*>(endpoint.data());
    return std::as_bytes(std::span(&ipv4.sin_addr, 1));
  }
  return std::as_bytes(std::span(&ipv6_of(endpoint), 1));
}

/// Link-local addresses are the same on every link: the one meant must be said.
std::uint32_t scope_of(const Endpoint& endpoint) {
  if (endpoint.family() != AF_INET6) return 0;
  return reinterpret_cast<const sockaddr_in6*>(endpoint.data())->sin6_scope_id;
}

RouteRequest route_request(const Endpoint& to) {
  RouteRequest request = {};
  request.header.nlmsg_type = RTM_GETROUTE;
  request.header.nlmsg_flags = NLM_F_ACK;
  request.header.nlmsg_len = offsetof(RouteRequest, attributes);
  request.route.rtm_family = static_cast<unsigned char>(to.family());
  request.route.rtm_dst_len = static_cast<unsigned char>(address_of(to).size() * 8);
  append(request, RTA_DST, address_of(to));
  const std::uint32_t scope = scope_of(to);
  if (scope != 0) append(request, RTA_OIF, std::as_bytes(std::span(&scope, 1)));
  return request;
}

struct QdiscRequest {
  nlmsghdr header;
  tcmsg qdisc;
};

QdiscRequest qdisc_request(int interface) {
  QdiscRequest request = {};
  request.header.nlmsg_type = RTM_GETQDISC;
  request.header.nlmsg_flags = NLM_F_DUMP;  // of one alone, kernels disagree on whether its asker is answered
  request.header.nlmsg_len = sizeof(request);
  request.qdisc.tcm_ifindex = interface;
  return request;
}

struct Qdisc {
  std::uint32_t handle = 0;
  std::uint32_t parent = 0;
  std::string kind;
};

std::optional<Qdisc> read_qdisc(Bytes body, int interface) {
  const auto message = load<tcmsg>(body);
  if (!message || message->tcm_ifindex != interface) return std::nullopt;
  const auto kind = find_attribute(after(body, sizeof(tcmsg)), TCA_KIND);
  if (!kind) return std::nullopt;
  const std::string_view text(reinterpret_cast<const char*>(kind->data()), kind->size());
  return Qdisc{message->tcm_handle, message->tcm_parent, std::string(text.substr(0, text.find('\0')))};
}

/// The kind that all children of this one have, if they have one.
std::optional<std::string> kind_of_children(const std::vector<Qdisc>& qdiscs, const Qdisc& parent) {
  std::set<std::string> kinds;
  for (const Qdisc& one : qdiscs) {
    if (one.parent != TC_H_ROOT && TC_H_MAJ(one.parent) == parent.handle) kinds.insert(one.kind);
  }
  return kinds.size() == 1 ? std::optional(*kinds.begin()) : std::nullopt;
}

}  // namespace

Result<int> egress_interface(const Endpoint& peer) {
  const Endpoint to = unmapped(peer);
  if (to.family() == AF_UNSPEC) return failure(EDESTADDRREQ);
  std::optional<std::uint32_t> interface;
  const Result<void> asked = ask(route_request(to), RTM_NEWROUTE, [&](Bytes body) {
    const auto attribute = find_attribute(after(body, sizeof(rtmsg)), RTA_OIF);
    if (attribute) interface = load<std::uint32_t>(*attribute);
  });
  if (!asked) return asked.error();
  return interface ? Result<int>(static_cast<int>(*interface)) : failure(ENETUNREACH);
}

Result<std::string> queueing_discipline(int interface) {
  std::vector<Qdisc> qdiscs;
  const Result<void> asked = ask(qdisc_request(interface), RTM_NEWQDISC, [&](Bytes body) {
    if (auto qdisc = read_qdisc(body, interface)) qdiscs.push_back(std::move(*qdisc));
  });
  if (!asked) return asked.error();
  const auto root = std::ranges::find(qdiscs, std::uint32_t{TC_H_ROOT}, &Qdisc::parent);
  if (root == qdiscs.end()) return failure(ENOENT);
  return root->kind == "mq" ? kind_of_children(qdiscs, *root).value_or(root->kind) : root->kind;
}

}  // namespace tcpkit
