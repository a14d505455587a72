#pragma once

#include <array>

#include <netinet/in.h>

#include <tcpkit/sock/option.hpp>

/// The rows of IPPROTO_IP. The numbers are the same on every architecture; those newer than some headers included, they
/// stand here as they are.

namespace tcpkit::catalogue {

inline constexpr std::array<NamedNumber, 6> kPathMtuModes{
    {{0, "DONT"}, {1, "WANT"}, {2, "DO"}, {3, "PROBE"}, {4, "INTERFACE"}, {5, "OMIT"}}};

inline constexpr std::array<NamedNumber, 1> kDefaultTtl{{{UINT64_MAX, "as net.ipv4.ip_default_ttl"}}};
inline constexpr std::array<NamedNumber, 1> kAnyInterface{{{0, "any"}}};
inline constexpr std::array<NamedNumber, 1> kAnyTtl{{{0, "any"}}};
inline constexpr std::array<NamedNumber, 1> kSystemPortRange{{{0, "as net.ipv4.ip_local_port_range"}}};

inline constexpr auto kIpOptions = std::to_array<Option>({
    {
        .name = "tos",
        .symbol = "IP_TOS",
        .level = IPPROTO_IP,
        .number = 1,
        .min = 0,
        .max = 255,
        .telling = true,
        .also_sets = "SO_PRIORITY",
        .sysctls = "net.ipv4.tcp_reflect_tos net.ipv4.tcp_ecn",
        .brief = "Type-of-service byte: DSCP and ECN of the packets sent",
        .detail =
            "On TCP the two low bits belong to ECN and stay as the kernel wants them, so 255 reads back as 252. The "
            "kernel would cut a number above 255 to its low byte without an error; it is refused here. Setting it "
            "also sets SO_PRIORITY. Packets of an IPv4 connection on an INET6 socket carry this byte and not "
            "IPV6_TCLASS.",
        .source = "ip(7), RFC 2474, RFC 3168",
    },
    {
        .name = "ttl",
        .symbol = "IP_TTL",
        .level = IPPROTO_IP,
        .number = 2,
        .unit = Unit::Hops,
        .min = 1,
        .max = 255,
        .default_sysctl = "net.ipv4.ip_default_ttl",
        .sysctls = "net.ipv4.ip_default_ttl",
        .special = kDefaultTtl,
        .brief = "Hops a packet may make",
        .detail =
            "-1 goes back to the sysctl; 0 and numbers above 255 are refused. A small value keeps traffic inside a "
            "site; a value of 255 lets the receiver check with IP_MINTTL that no router was passed.",
        .source = "ip(7)",
    },
    {
        .name = "options",
        .symbol = "IP_OPTIONS",
        .level = IPPROTO_IP,
        .number = 4,
        .kind = Kind::Bytes,
        .phase = Phase::BeforeConnect,
        .inherit = Inherit::No,
        .size = 40,
        .brief = "IP header options of every packet sent",
        .detail = "At most 40 bytes, checked by the kernel and taken out of each segment's room. An accepted socket "
                  "gets the options of the client's SYN, turned round. Many networks drop packets that have any.",
        .source = "ip(7), RFC 791",
    },
    {
        .name = "pktinfo",
        .symbol = "IP_PKTINFO",
        .level = IPPROTO_IP,
        .number = 8,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .late_refusal = "TCP keeps it and does nothing with it",
        .since = "2.2",
        .brief = "Deliver interface and destination address of packets",
        .detail = "A control message of datagram sockets. On TCP it is kept and never comes with the data; only "
                  "getsockopt(IP_PKTOPTIONS) shows it.",
        .source = "ip(7)",
    },
    {
        .name = "mtu-discover",
        .symbol = "IP_MTU_DISCOVER",
        .level = IPPROTO_IP,
        .number = 10,
        .kind = Kind::Enumeration,
        .min = 0,
        .max = 5,
        .since = "2.2",
        .sysctls = "net.ipv4.ip_no_pmtu_disc net.ipv4.tcp_mtu_probing",
        .names = kPathMtuModes,
        .brief = "Path MTU discovery: may packets be fragmented",
        .detail =
            "WANT, the default, sets the don't-fragment bit and follows the path MTU that routers report. DONT clears "
            "the bit, so that routers fragment. PROBE and INTERFACE ignore what was learned and use the interface's "
            "MTU: on a narrower path large segments then vanish.",
        .source = "ip(7), RFC 1191",
    },
    {
        .name = "recverr",
        .symbol = "IP_RECVERR",
        .level = IPPROTO_IP,
        .number = 11,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .late_refusal = "the program would get errors that TCP outlives without it",
        .since = "2.2",
        .brief = "Let ICMP errors end an operation at once",
        .detail = "Off, TCP keeps an unreachable message in mind and goes on trying until its timers run out. On, "
                  "connect() fails immediately with EHOSTUNREACH and the like, and on a live connection the next read "
                  "or write reports the error. Unlike UDP it puts no ICMP errors on the error queue.",
        .source = "ip(7), RFC 1122 4.2.3.9",
    },
    {
        .name = "recvttl",
        .symbol = "IP_RECVTTL",
        .level = IPPROTO_IP,
        .number = 12,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .late_refusal = "TCP keeps it and does nothing with it",
        .since = "2.2",
        .brief = "Deliver the TTL of packets",
        .detail = "A control message of datagram sockets. On TCP it is kept and never comes with the data; only "
                  "getsockopt(IP_PKTOPTIONS) shows it.",
        .source = "ip(7)",
    },
    {
        .name = "recvtos",
        .symbol = "IP_RECVTOS",
        .level = IPPROTO_IP,
        .number = 13,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .late_refusal = "TCP keeps it and does nothing with it",
        .since = "2.2",
        .brief = "Deliver the type-of-service byte of packets",
        .detail = "A control message of datagram sockets. On TCP it is kept and never comes with the data; only "
                  "getsockopt(IP_PKTOPTIONS) shows it.",
        .source = "ip(7)",
    },
    {
        .name = "mtu",
        .symbol = "IP_MTU",
        .level = IPPROTO_IP,
        .number = 14,
        .unit = Unit::Bytes,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Measurement,
        .since = "2.2",
        .sysctls = "net.ipv4.route.min_pmtu net.ipv4.tcp_mtu_probing",
        .brief = "Path MTU known for the peer",
        .detail =
            "That of the cached route: the interface's until a router has reported a narrower link. Only a connected "
            "socket has one, else ENOTCONN.",
        .source = "ip(7)",
    },
    {
        .name = "freebind",
        .symbol = "IP_FREEBIND",
        .level = IPPROTO_IP,
        .number = 15,
        .kind = Kind::Switch,
        .phase = Phase::BeforeBind,
        .min = 0,
        .max = 1,
        .since = "2.4",
        .sysctls = "net.ipv4.ip_nonlocal_bind",
        .brief = "Bind to an address the host does not have yet",
        .detail =
            "For servers that start before their address is configured or moves to them. No capability is needed. "
            "IPV6_FREEBIND is the same bit.",
        .source = "ip(7)",
    },
    {
        .name = "transparent",
        .symbol = "IP_TRANSPARENT",
        .level = IPPROTO_IP,
        .number = 19,
        .kind = Kind::Switch,
        .phase = Phase::BeforeBind,
        .min = 0,
        .max = 1,
        .needs = "CAP_NET_ADMIN",
        .since = "2.6.24",
        .sysctls = "net.ipv4.ip_nonlocal_bind",
        .brief = "Use foreign addresses as one's own, for proxies",
        .detail =
            "Together with TPROXY rules a proxy accepts connections meant for others, and connects in its client's "
            "name. CAP_NET_RAW does as well. IPV6_TRANSPARENT is the same bit.",
        .source = "ip(7), Documentation/networking/tproxy.rst",
    },
    {
        .name = "recvorigdstaddr",
        .symbol = "IP_RECVORIGDSTADDR",
        .level = IPPROTO_IP,
        .number = 20,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .inert = true,
        .since = "2.6.29",
        .brief = "Deliver the original destination of diverted datagrams",
        .detail = "A control message of datagram sockets. A transparent TCP proxy finds the original destination with "
                  "getsockname() instead.",
        .source = "ip(7)",
    },
    {
        .name = "minttl",
        .symbol = "IP_MINTTL",
        .level = IPPROTO_IP,
        .number = 21,
        .unit = Unit::Hops,
        .min = 0,
        .max = 255,
        .late_refusal = "a value too high cuts the connection without a word",
        .since = "2.6.34",
        .special = kAnyTtl,
        .brief = "Least TTL a segment must arrive with",
        .detail =
            "Segments with less are dropped without a word and counted as TCPMinTTLDrop. 255 on both ends accepts "
            "only direct neighbours, which is how BGP speakers protect themselves. A value too high looks like a "
            "black hole.",
        .source = "ip(7), RFC 5082",
    },
    {
        .name = "nodefrag",
        .symbol = "IP_NODEFRAG",
        .level = IPPROTO_IP,
        .number = 22,
        .kind = Kind::Switch,
        .inherit = Inherit::NotApplicable,
        .applies = Applies::NotToTcp,
        .min = 0,
        .max = 1,
        .since = "2.6.36",
        .brief = "Do not reassemble the fragments of raw packets",
        .detail = "For raw sockets behind packet filters. Setting it on TCP fails with ENOPROTOOPT.",
        .source = "ip(7)",
    },
    {
        .name = "checksum",
        .symbol = "IP_CHECKSUM",
        .level = IPPROTO_IP,
        .number = 23,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .inert = true,
        .since = "4.0",
        .brief = "Deliver the checksum of datagrams",
        .detail = "A control message of UDP sockets; reading from a TCP connection never brings it.",
        .source = "include/uapi/linux/in.h",
    },
    {
        .name = "bind-address-no-port",
        .symbol = "IP_BIND_ADDRESS_NO_PORT",
        .level = IPPROTO_IP,
        .number = 24,
        .kind = Kind::Switch,
        .phase = Phase::BeforeBind,
        .min = 0,
        .max = 1,
        .since = "4.2",
        .sysctls = "net.ipv4.ip_local_port_range",
        .brief = "Leave the choice of the port to connect()",
        .detail =
            "After bind() to an address and port 0 the port stays open until connect(), which may then reuse one that "
            "is in use towards another destination. It lets a client with a fixed source address make more "
            "connections than there are ports. getsockname() shows port 0 meanwhile.",
        .source = "ip(7)",
    },
    {
        .name = "recvfragsize",
        .symbol = "IP_RECVFRAGSIZE",
        .level = IPPROTO_IP,
        .number = 25,
        .kind = Kind::Switch,
        .inherit = Inherit::NotApplicable,
        .applies = Applies::NotToTcp,
        .min = 0,
        .max = 1,
        .since = "4.10",
        .brief = "Deliver the size of the largest fragment of a datagram",
        .detail = "For datagram and raw sockets; setting it on TCP fails with EINVAL.",
        .source = "include/uapi/linux/in.h",
    },
    {
        .name = "recverr-rfc4884",
        .symbol = "IP_RECVERR_RFC4884",
        .level = IPPROTO_IP,
        .number = 26,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .inert = true,
        .since = "5.9",
        .brief = "Deliver extended ICMP errors on the error queue",
        .detail = "TCP puts no ICMP errors on the error queue, so there is nothing to extend.",
        .source = "RFC 4884",
    },
    {
        .name = "unicast-if",
        .symbol = "IP_UNICAST_IF",
        .level = IPPROTO_IP,
        .number = 50,
        .kind = Kind::NetworkIndex,
        .phase = Phase::BeforeConnect,
        .min = 0,
        .since = "3.4",
        .special = kAnyInterface,
        .brief = "Interface to send through, by index",
        .detail =
            "Weaker than SO_BINDTODEVICE: it chooses where packets leave and accepts them from anywhere. The kernel "
            "keeps the index in network byte order; it is shown here as the plain index. An index that does not "
            "exist fails with EADDRNOTAVAIL.",
        .source = "include/uapi/linux/in.h",
    },
    {
        .name = "local-port-range",
        .symbol = "IP_LOCAL_PORT_RANGE",
        .level = IPPROTO_IP,
        .number = 51,
        .kind = Kind::PortRange,
        .unit = Unit::Ports,
        .phase = Phase::BeforeBind,
        .min = 0,
        .max = 65535,
        .since = "6.3",
        .sysctls = "net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports",
        .special = kSystemPortRange,
        .brief = "Range the source port is taken from",
        .detail =
            "Narrows net.ipv4.ip_local_port_range for this socket; the part outside of that range is ignored without "
            "an error, and 0 for either end means the sysctl's. Lets programs behind one address share its ports "
            "by agreement. Some older stable kernels have it, too.",
        .source = "ip(7)",
    },
    {
        .name = "ip-protocol",
        .symbol = "IP_PROTOCOL",
        .level = IPPROTO_IP,
        .number = 52,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .applies = Applies::NotToTcp,
        .nature = Nature::Identity,
        .since = "6.4",
        .brief = "Protocol number of a raw socket",
        .detail =
            "On TCP it reads the local port, 0 before there is one; SO_PROTOCOL is the one that tells. Some older "
            "stable kernels have it, too.",
        .source = "include/uapi/linux/in.h",
    },
});

}  // namespace tcpkit::catalogue
