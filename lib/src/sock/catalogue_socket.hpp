#pragma once

#include <array>

#include <tcpkit/sock/option.hpp>

#include <sys/socket.h>
#include <sys/time.h>

/// The rows of SOL_SOCKET. Their numbers differ between architectures (alpha, mips, parisc, sparc), so they are taken
/// from the system's header; what a header of an older kernel does not have gets the number of asm-generic/socket.h.

#ifndef SO_PREFER_BUSY_POLL
#define SO_PREFER_BUSY_POLL 69
#endif
#ifndef SO_BUSY_POLL_BUDGET
#define SO_BUSY_POLL_BUDGET 70
#endif
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif
#ifndef SO_BUF_LOCK
#define SO_BUF_LOCK 72
#endif
#ifndef SO_RESERVE_MEM
#define SO_RESERVE_MEM 73
#endif
#ifndef SO_TXREHASH
#define SO_TXREHASH 74
#endif
#ifndef SO_RCVMARK
#define SO_RCVMARK 75
#endif
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif
#ifndef SO_RCVPRIORITY
#define SO_RCVPRIORITY 82
#endif
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif
#ifndef SO_INQ
#define SO_INQ 84
#endif

namespace tcpkit::catalogue {

inline constexpr std::array<NamedNumber, 5> kSocketTypes{{{SOCK_STREAM, "STREAM"},
                                                          {SOCK_DGRAM, "DGRAM"},
                                                          {SOCK_RAW, "RAW"},
                                                          {SOCK_SEQPACKET, "SEQPACKET"},
                                                          {SOCK_RDM, "RDM"}}};
inline constexpr std::array<NamedNumber, 3> kDomains{{{AF_UNIX, "UNIX"}, {AF_INET, "INET"}, {AF_INET6, "INET6"}}};
inline constexpr std::array<NamedNumber, 5> kProtocols{
    {{6, "TCP"}, {17, "UDP"}, {132, "SCTP"}, {256, "SMC"}, {262, "MPTCP"}}};
inline constexpr std::array<NamedNumber, 2> kBufferLocks{{{1, "sndbuf"}, {2, "rcvbuf"}}};
inline constexpr std::array<NamedNumber, 1> kConnectionAdvice{{{1, "negative"}}};
inline constexpr std::array<NamedNumber, 3> kPeerCredentials{{{0, "pid"}, {1, "uid"}, {2, "gid"}}};
inline constexpr std::array<NamedNumber, 2> kTransmitTime{{{0, "clockid"}, {1, "flags"}}};
inline constexpr std::array<NamedNumber, 9> kMemory{{{0, "rmem_alloc"},
                                                     {1, "rcvbuf"},
                                                     {2, "wmem_alloc"},
                                                     {3, "sndbuf"},
                                                     {4, "fwd_alloc"},
                                                     {5, "wmem_queued"},
                                                     {6, "optmem"},
                                                     {7, "backlog"},
                                                     {8, "drops"}}};
inline constexpr std::array<NamedNumber, 19> kTimestamping{{{1U << 0U, "TX_HARDWARE"},
                                                            {1U << 1U, "TX_SOFTWARE"},
                                                            {1U << 2U, "RX_HARDWARE"},
                                                            {1U << 3U, "RX_SOFTWARE"},
                                                            {1U << 4U, "SOFTWARE"},
                                                            {1U << 5U, "SYS_HARDWARE"},
                                                            {1U << 6U, "RAW_HARDWARE"},
                                                            {1U << 7U, "OPT_ID"},
                                                            {1U << 8U, "TX_SCHED"},
                                                            {1U << 9U, "TX_ACK"},
                                                            {1U << 10U, "OPT_CMSG"},
                                                            {1U << 11U, "OPT_TSONLY"},
                                                            {1U << 12U, "OPT_STATS"},
                                                            {1U << 13U, "OPT_PKTINFO"},
                                                            {1U << 14U, "OPT_TX_SWHW"},
                                                            {1U << 15U, "BIND_PHC"},
                                                            {1U << 16U, "OPT_ID_TCP"},
                                                            {1U << 17U, "OPT_RX_FILTER"},
                                                            {1U << 18U, "TX_COMPLETION"}}};

inline constexpr std::array<NamedNumber, 1> kForever{{{0, "for ever"}}};
inline constexpr std::array<NamedNumber, 1> kUnlimitedRate{{{UINT64_MAX, "unlimited"}}};
inline constexpr std::array<NamedNumber, 1> kNoCpu{{{UINT64_MAX, "none"}}};
inline constexpr std::array<NamedNumber, 1> kPeekOffsetOff{{{UINT64_MAX, "off"}}};
inline constexpr std::array<NamedNumber, 1> kNoDevice{{{0, "any"}}};
inline constexpr std::array<NamedNumber, 1> kNoNapi{{{0, "none"}}};
inline constexpr std::array<NamedNumber, 1> kNoBusyPoll{{{0, "off"}}};

inline constexpr auto kSocketOptions = std::to_array<Option>({
    {
        .name = "debug",
        .symbol = "SO_DEBUG",
        .level = SOL_SOCKET,
        .number = SO_DEBUG,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .inert = true,
        .needs = "CAP_NET_ADMIN",
        .since = "2.0",
        .brief = "Debugging mark, without effect today",
        .detail =
            "The kernel keeps the bit and no longer does anything with it. Turning it on without CAP_NET_ADMIN in "
            "the first user namespace fails with EACCES, not with the EPERM one would expect.",
        .source = "socket(7)",
    },
    {
        .name = "reuseaddr",
        .symbol = "SO_REUSEADDR",
        .level = SOL_SOCKET,
        .number = SO_REUSEADDR,
        .kind = Kind::Switch,
        .phase = Phase::BeforeBind,
        .min = 0,
        .max = 1,
        .since = "2.0",
        .sysctls = "net.ipv4.ip_autobind_reuse",
        .brief = "Bind a port although old connections still hold it",
        .detail =
            "Lets bind() succeed while connections of an earlier server are in TIME_WAIT on the port, which is what "
            "a restarted server needs. On TCP it never allows two listeners on one address and port; that is "
            "SO_REUSEPORT. It must be set before bind() and every non-zero value reads back as 1.",
        .source = "socket(7), ip(7)",
    },
    {
        .name = "type",
        .symbol = "SO_TYPE",
        .level = SOL_SOCKET,
        .number = SO_TYPE,
        .kind = Kind::Enumeration,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Identity,
        .since = "2.0",
        .names = kSocketTypes,
        .brief = "Type of the socket",
        .detail =
            "Fixed by socket(2); a TCP socket says STREAM. Together with SO_DOMAIN and SO_PROTOCOL it tells what a "
            "descriptor received from elsewhere really is.",
        .source = "socket(7)",
    },
    {
        .name = "error",
        .symbol = "SO_ERROR",
        .level = SOL_SOCKET,
        .number = SO_ERROR,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Measurement,
        .consuming_read = true,
        .since = "2.0",
        .brief = "Pending error, cleared by reading it",
        .detail =
            "Holds the errno of an asynchronous failure, for example of a non-blocking connect(). Reading it "
            "clears it, so whoever looks at another program's socket steals the error that this program is waiting "
            "for. It is therefore listed and never read.",
        .source = "socket(7)",
    },
    {
        .name = "dontroute",
        .symbol = "SO_DONTROUTE",
        .level = SOL_SOCKET,
        .number = SO_DONTROUTE,
        .kind = Kind::Switch,
        .phase = Phase::BeforeConnect,
        .min = 0,
        .max = 1,
        .late_refusal = "a connection through a gateway breaks at the next segment",
        .since = "2.0",
        .brief = "Reach only hosts on a directly connected network",
        .detail =
            "Packets are sent without a gateway: a peer that is not on-link becomes unreachable. Setting it on a "
            "live connection drops the cached route, so a connection through a gateway breaks at the next segment.",
        .source = "socket(7)",
    },
    {
        .name = "broadcast",
        .symbol = "SO_BROADCAST",
        .level = SOL_SOCKET,
        .number = SO_BROADCAST,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .inert = true,
        .since = "2.0",
        .brief = "Permission to send datagrams to broadcast addresses",
        .detail = "Stored on any socket and only looked at for datagrams. A TCP connection has one peer, so it changes "
                  "nothing here.",
        .source = "socket(7)",
    },
    {
        .name = "sndbuf",
        .symbol = "SO_SNDBUF",
        .level = SOL_SOCKET,
        .number = SO_SNDBUF,
        .unit = Unit::Bytes,
        .min = 0,
        .headline = true,
        .telling = true,
        .also_sets = "SO_BUF_LOCK",
        .since = "2.0",
        .default_sysctl = "net.ipv4.tcp_wmem",
        .default_index = 1,
        .sysctls = "net.core.wmem_max net.ipv4.tcp_wmem",
        .brief = "Memory for data written and not yet acknowledged",
        .detail =
            "A request is cut to net.core.wmem_max and then doubled, so that packet overhead is paid for; the "
            "doubled number is what reads back, at least 4608 bytes on current 64-bit kernels. Setting it pins the "
            "buffer: it stops growing with the congestion window, which without it goes up to tcp_wmem[2]. That "
            "sysctl does not limit an explicit size, and net.core.wmem_default plays no part for TCP.",
        .source = "socket(7), tcp(7)",
    },
    {
        .name = "rcvbuf",
        .symbol = "SO_RCVBUF",
        .level = SOL_SOCKET,
        .number = SO_RCVBUF,
        .unit = Unit::Bytes,
        .phase = Phase::BeforeConnect,
        .min = 0,
        .headline = true,
        .telling = true,
        .works_late = true,
        .also_sets = "SO_BUF_LOCK",
        .since = "2.0",
        .default_sysctl = "net.ipv4.tcp_rmem",
        .default_index = 1,
        .sysctls = "net.core.rmem_max net.ipv4.tcp_rmem net.ipv4.tcp_moderate_rcvbuf",
        .brief = "Memory for data received and not yet read; bounds the window",
        .detail =
            "A request is cut to net.core.rmem_max and then doubled; the doubled number reads back, at least 2304 "
            "bytes on current 64-bit kernels. Setting it turns receive autotuning off for this socket and for the "
            "sockets accepted from it, so an explicit size often ends up smaller than what autotuning reaches "
            "(tcp_rmem[2]). The window scale is chosen in the SYN from the size at that moment: a buffer enlarged "
            "after connect() or listen() may never be usable.",
        .source = "socket(7), tcp(7), RFC 7323",
    },
    {
        .name = "keepalive",
        .symbol = "SO_KEEPALIVE",
        .level = SOL_SOCKET,
        .number = SO_KEEPALIVE,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .headline = true,
        .telling = true,
        .since = "2.0",
        .sysctls = "net.ipv4.tcp_keepalive_time net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes",
        .brief = "Probe an idle peer to find out whether it is still there",
        .detail = "On a connection without traffic the kernel sends probes after TCP_KEEPIDLE seconds, every "
                  "TCP_KEEPINTVL seconds, and gives up after TCP_KEEPCNT of them. With the system's defaults the first "
                  "probe comes after two hours. While data is unacknowledged the retransmission timer rules instead. "
                  "Setting it on a live connection starts or stops the timer at once.",
        .source = "socket(7), tcp(7), RFC 9293 3.8.4",
    },
    {
        .name = "oobinline",
        .symbol = "SO_OOBINLINE",
        .level = SOL_SOCKET,
        .number = SO_OOBINLINE,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .late_refusal = "it changes which bytes the program reads",
        .since = "2.0",
        .sysctls = "net.ipv4.tcp_stdurg",
        .brief = "Leave urgent data in the normal stream",
        .detail = "Without it the one urgent byte is taken out of the stream and read with MSG_OOB. With it the byte "
                  "stays where it was sent. Which byte that is depends on net.ipv4.tcp_stdurg.",
        .source = "socket(7), tcp(7), RFC 6093",
    },
    {
        .name = "no-check",
        .symbol = "SO_NO_CHECK",
        .level = SOL_SOCKET,
        .number = SO_NO_CHECK,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .inert = true,
        .since = "2.0",
        .brief = "Send UDP without checksums",
        .detail = "Kept on any socket, used by UDP only. TCP always computes its checksum.",
        .source = "socket(7)",
    },
    {
        .name = "priority",
        .symbol = "SO_PRIORITY",
        .level = SOL_SOCKET,
        .number = SO_PRIORITY,
        .inherit = Inherit::No,
        .min = 0,
        .needs = "CAP_NET_ADMIN (only for more than 6)",
        .since = "2.0",
        .brief = "Class for the queueing discipline of the interface",
        .detail =
            "The number every packet carries to the queueing discipline, which may pick a band or class by it. "
            "Anything above 6 needs CAP_NET_ADMIN or CAP_NET_RAW. A later IP_TOS overwrites it with a class "
            "derived from the TOS byte, and accepted sockets start at 0 again, so set it last and on each of them.",
        .source = "socket(7), tc-prio(8)",
    },
    {
        .name = "linger",
        .symbol = "SO_LINGER",
        .level = SOL_SOCKET,
        .number = SO_LINGER,
        .kind = Kind::Linger,
        .unit = Unit::Seconds,
        .min = 0,
        .size = sizeof(linger),
        .telling = true,
        .late_refusal = "the program's close() would wait, or throw data away, where it did not before",
        .since = "2.0",
        .sysctls = "net.ipv4.tcp_fin_timeout",
        .brief = "What close() does with data that is still unsent",
        .detail =
            "Off: close() returns at once and the kernel goes on sending. On with n seconds: close() blocks until "
            "the data is acknowledged or n seconds have passed, on non-blocking sockets too. On with 0 seconds: "
            "close() throws the data away and sends a reset; the peer sees ECONNRESET and no TIME_WAIT remains. "
            "Turning it off leaves the stored time as it was.",
        .source = "socket(7)",
    },
    {
        .name = "bsdcompat",
        .symbol = "SO_BSDCOMPAT",
        .level = SOL_SOCKET,
        .number = SO_BSDCOMPAT,
        .kind = Kind::Switch,
        .inherit = Inherit::NotApplicable,
        .min = 0,
        .max = 1,
        .inert = true,
        .since = "2.2",
        .brief = "Bug compatibility that is gone",
        .detail = "Any value is accepted, nothing is stored and 0 reads back. It used to concern UDP errors only.",
        .source = "socket(7)",
    },
    {
        .name = "reuseport",
        .symbol = "SO_REUSEPORT",
        .level = SOL_SOCKET,
        .number = SO_REUSEPORT,
        .kind = Kind::Switch,
        .phase = Phase::BeforeBind,
        .min = 0,
        .max = 1,
        .telling = true,
        .since = "3.9",
        .sysctls = "net.ipv4.tcp_migrate_req",
        .brief = "Several listeners on one port share its connections",
        .detail = "Every listener of the group must set it before bind() and belong to the same user. Connections are "
                  "spread by a hash, each listener has a queue of its own, and what waits in the queue of a listener "
                  "that closes is reset unless net.ipv4.tcp_migrate_req is 1. On an accepted socket a 1 only says that "
                  "its listener had it.",
        .source = "socket(7)",
    },
    {
        .name = "passcred",
        .symbol = "SO_PASSCRED",
        .level = SOL_SOCKET,
        .number = SO_PASSCRED,
        .kind = Kind::Switch,
        .inherit = Inherit::NotApplicable,
        .applies = Applies::NotToTcp,
        .min = 0,
        .max = 1,
        .since = "2.2",
        .brief = "Receive the sender's credentials over a Unix socket",
        .detail = "Means nothing on TCP. Kernels before 6.16 keep the bit all the same; newer ones refuse it with "
                  "EOPNOTSUPP, so a program that sets it blindly fails only on new kernels.",
        .source = "unix(7)",
    },
    {
        .name = "peercred",
        .symbol = "SO_PEERCRED",
        .level = SOL_SOCKET,
        .number = SO_PEERCRED,
        .kind = Kind::Words,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .applies = Applies::NotToTcp,
        .nature = Nature::Identity,
        .size = 12,
        .since = "2.2",
        .names = kPeerCredentials,
        .brief = "Process, user and group behind a Unix socket's other end",
        .detail = "On TCP the peer may be on another machine and the kernel knows no process: pid 0 and the ids "
                  "4294967295 (that is -1) come back instead of an error.",
        .source = "unix(7)",
    },
    {
        .name = "rcvlowat",
        .symbol = "SO_RCVLOWAT",
        .level = SOL_SOCKET,
        .number = SO_RCVLOWAT,
        .unit = Unit::Bytes,
        .min = 0,
        .telling = true,
        .late_refusal = "a program that waits for less would wait for ever",
        .since = "2.4",
        .sysctls = "net.ipv4.tcp_rmem",
        .brief = "Bytes that must be there before the reader is woken",
        .detail =
            "0 becomes 1, and the top is half of tcp_rmem[2], or half of the buffer when SO_RCVBUF was set. Unless "
            "SO_RCVBUF was set it also grows the receive buffer so that that many bytes fit, and it delays the "
            "acknowledgement until they have arrived. poll() and epoll obey it too.",
        .source = "socket(7), tcp(7)",
    },
    {
        .name = "sndlowat",
        .symbol = "SO_SNDLOWAT",
        .level = SOL_SOCKET,
        .number = SO_SNDLOWAT,
        .unit = Unit::Bytes,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .since = "2.2",
        .brief = "Bytes that can be written when the writer is woken",
        .detail =
            "Always 1 on Linux, and setting it fails with ENOPROTOOPT. TCP_NOTSENT_LOWAT is what limits a writer.",
        .source = "socket(7)",
    },
    {
        .name = "rcvtimeo",
        .symbol = "SO_RCVTIMEO",
        .level = SOL_SOCKET,
        .number = SO_RCVTIMEO,
        .kind = Kind::Timeval,
        .unit = Unit::Microseconds,
        .min = 0,
        .max = INT64_MAX,
        .size = sizeof(timeval),
        .late_refusal = "the program's reads would end with errors that it does not expect",
        .since = "2.4",
        .special = kForever,
        .brief = "Longest time a blocking read or accept() waits",
        .detail =
            "When it runs out, recv() and accept() fail with EAGAIN. The time is rounded up to the kernel's tick, "
            "1 to 10 ms. A negative time reads back as 0, which looks like waiting for ever and in fact makes "
            "every read return at once.",
        .source = "socket(7)",
    },
    {
        .name = "sndtimeo",
        .symbol = "SO_SNDTIMEO",
        .level = SOL_SOCKET,
        .number = SO_SNDTIMEO,
        .kind = Kind::Timeval,
        .unit = Unit::Microseconds,
        .min = 0,
        .max = INT64_MAX,
        .size = sizeof(timeval),
        .late_refusal = "the program's writes would end with errors that it does not expect",
        .since = "2.4",
        .special = kForever,
        .brief = "Longest time a blocking write or connect() waits",
        .detail =
            "Rounded up to the kernel's tick like SO_RCVTIMEO. It bounds connect() as well, which then fails with "
            "EINPROGRESS while the kernel keeps sending SYNs: the attempt is not over, only the waiting is.",
        .source = "socket(7)",
    },
    {
        .name = "bindtodevice",
        .symbol = "SO_BINDTODEVICE",
        .level = SOL_SOCKET,
        .number = SO_BINDTODEVICE,
        .kind = Kind::Name,
        .phase = Phase::BeforeBind,
        .size = 16,
        .telling = true,
        .needs = "CAP_NET_RAW (only to change or clear a binding)",
        .since = "2.0",
        .sysctls = "net.ipv4.tcp_l3mdev_accept",
        .brief = "Use one network interface only",
        .detail = "Packets leave through this interface and packets from others are not delivered, the loopback "
                  "interface included. Since 5.7 the first binding needs no privilege; changing or clearing it needs "
                  "CAP_NET_RAW. An unknown name fails with ENODEV.",
        .source = "socket(7)",
    },
    {
        .name = "peername",
        .symbol = "SO_PEERNAME",
        .level = SOL_SOCKET,
        .number = SO_PEERNAME,
        .kind = Kind::Address,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Identity,
        .size = 28,
        .since = "2.4",
        .brief = "Address of the peer",
        .detail = "The same as getpeername(2), but refused with EINVAL when there is more room for the answer than the "
                  "address takes. Not connected: ENOTCONN.",
        .source = "getpeername(2)",
    },
    {
        .name = "timestamp",
        .symbol = "SO_TIMESTAMP",
        .level = SOL_SOCKET,
        .number = SO_TIMESTAMP,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .late_refusal = "the program would get control messages that it did not ask for",
        .since = "2.0",
        .brief = "Deliver arrival times with the data, in microseconds",
        .detail =
            "recvmsg() brings a control message with the time of arrival. On TCP one read may cover many segments "
            "and the time is that of the last of them. It has nothing to do with the TCP timestamps of RFC 7323.",
        .source = "socket(7), Documentation/networking/timestamping.rst",
    },
    {
        .name = "acceptconn",
        .symbol = "SO_ACCEPTCONN",
        .level = SOL_SOCKET,
        .number = SO_ACCEPTCONN,
        .kind = Kind::Switch,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Measurement,
        .since = "2.3",
        .brief = "Whether the socket is listening",
        .detail = "On after listen(), off on every other socket. The reliable way to tell a listener from a connection "
                  "when only the descriptor is at hand.",
        .source = "socket(7)",
    },
    {
        .name = "peersec",
        .symbol = "SO_PEERSEC",
        .level = SOL_SOCKET,
        .number = SO_PEERSEC,
        .kind = Kind::Name,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .applies = Applies::NotToTcp,
        .nature = Nature::Identity,
        .size = 256,
        .since = "2.6.2",
        .brief = "Security label of the peer",
        .detail =
            "Meant for Unix sockets. A TCP peer has a label only under a security module with labelled networking, "
            "such as SELinux; anywhere else the kernel answers ENOPROTOOPT.",
        .source = "unix(7)",
    },
    {
        .name = "sndbufforce",
        .symbol = "SO_SNDBUFFORCE",
        .level = SOL_SOCKET,
        .number = SO_SNDBUFFORCE,
        .unit = Unit::Bytes,
        .access = Access::WriteOnly,
        .min = 0,
        .needs = "CAP_NET_ADMIN",
        .since = "2.6.14",
        .brief = "SO_SNDBUF without the limit of net.core.wmem_max",
        .detail =
            "Doubled and pinned like SO_SNDBUF, and read back there. The capability is asked for in the first user "
            "namespace: root of a container still gets EPERM.",
        .source = "socket(7)",
    },
    {
        .name = "rcvbufforce",
        .symbol = "SO_RCVBUFFORCE",
        .level = SOL_SOCKET,
        .number = SO_RCVBUFFORCE,
        .unit = Unit::Bytes,
        .access = Access::WriteOnly,
        .phase = Phase::BeforeConnect,
        .min = 0,
        .needs = "CAP_NET_ADMIN",
        .since = "2.6.14",
        .brief = "SO_RCVBUF without the limit of net.core.rmem_max",
        .detail =
            "Doubled and pinned like SO_RCVBUF, and read back there; set before the SYN it raises the window scale "
            "as well. The capability is asked for in the first user namespace: root of a container still gets "
            "EPERM.",
        .source = "socket(7)",
    },
    {
        .name = "passsec",
        .symbol = "SO_PASSSEC",
        .level = SOL_SOCKET,
        .number = SO_PASSSEC,
        .kind = Kind::Switch,
        .inherit = Inherit::NotApplicable,
        .applies = Applies::NotToTcp,
        .min = 0,
        .max = 1,
        .since = "2.6.18",
        .brief = "Receive the sender's security label over a Unix socket",
        .detail = "Means nothing on TCP: kept by older kernels, refused with EOPNOTSUPP since 6.16.",
        .source = "unix(7)",
    },
    {
        .name = "timestampns",
        .symbol = "SO_TIMESTAMPNS",
        .level = SOL_SOCKET,
        .number = SO_TIMESTAMPNS,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .late_refusal = "the program would get control messages that it did not ask for",
        .since = "2.6.22",
        .brief = "Deliver arrival times with the data, in nanoseconds",
        .detail =
            "SO_TIMESTAMP with a struct timespec. The two exclude each other: setting one makes the other read back as "
            "off.",
        .source = "Documentation/networking/timestamping.rst",
    },
    {
        .name = "mark",
        .symbol = "SO_MARK",
        .level = SOL_SOCKET,
        .number = SO_MARK,
        .kind = Kind::Unsigned32,
        .phase = Phase::BeforeConnect,
        .min = 0,
        .max = UINT32_MAX,
        .telling = true,
        .works_late = true,
        .needs = "CAP_NET_ADMIN",
        .since = "2.6.25",
        .sysctls = "net.ipv4.tcp_fwmark_accept net.ipv4.fwmark_reflect",
        .brief = "Mark for policy routing and packet filters",
        .detail = "Every packet carries it to ip rule, nftables and tc. Since 5.17 CAP_NET_RAW does as well as "
                  "CAP_NET_ADMIN; even writing the value it has already needs one of them. A change drops the cached "
                  "route. With net.ipv4.tcp_fwmark_accept accepted sockets take the mark of the SYN instead of the "
                  "listener's.",
        .source = "socket(7)",
    },
    {
        .name = "timestamping",
        .symbol = "SO_TIMESTAMPING",
        .level = SOL_SOCKET,
        .number = SO_TIMESTAMPING,
        .kind = Kind::Flags,
        .min = 0,
        .max = (1 << 19) - 1,
        .late_refusal = "the program would get control messages that it did not ask for",
        .since = "2.6.30",
        .sysctls = "net.core.tstamp_allow_data",
        .names = kTimestamping,
        .brief = "Which packet times are taken and reported",
        .detail =
            "Send times arrive on the error queue, receive times with recvmsg(). Bits that the running kernel does "
            "not know are refused with EINVAL. OPT_ID counts bytes on TCP and needs an established connection.",
        .source = "Documentation/networking/timestamping.rst",
    },
    {
        .name = "protocol",
        .symbol = "SO_PROTOCOL",
        .level = SOL_SOCKET,
        .number = SO_PROTOCOL,
        .kind = Kind::Enumeration,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Identity,
        .since = "2.6.32",
        .names = kProtocols,
        .brief = "Transport protocol of the socket",
        .detail =
            "TCP, or MPTCP for a multipath socket; it stays MPTCP when the connection fell back to plain TCP. Ask "
            "TCP_IS_MPTCP whether multipath is in use.",
        .source = "socket(7)",
    },
    {
        .name = "domain",
        .symbol = "SO_DOMAIN",
        .level = SOL_SOCKET,
        .number = SO_DOMAIN,
        .kind = Kind::Enumeration,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Identity,
        .since = "2.6.32",
        .names = kDomains,
        .brief = "Address family of the socket",
        .detail =
            "INET or INET6. An INET6 socket without IPV6_V6ONLY may carry an IPv4 connection: its peer then shows "
            "as ::ffff:a.b.c.d and the IP_* options are the ones that count.",
        .source = "socket(7)",
    },
    {
        .name = "rxq-ovfl",
        .symbol = "SO_RXQ_OVFL",
        .level = SOL_SOCKET,
        .number = SO_RXQ_OVFL,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .inert = true,
        .since = "2.6.33",
        .brief = "Report how many datagrams were dropped",
        .detail = "A control message of datagram sockets. TCP loses nothing at this place and never delivers it.",
        .source = "socket(7)",
    },
    {
        .name = "wifi-status",
        .symbol = "SO_WIFI_STATUS",
        .level = SOL_SOCKET,
        .number = SO_WIFI_STATUS,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .inert = true,
        .since = "3.3",
        .brief = "Report whether a wireless frame was acknowledged",
        .detail =
            "Of use with packet sockets on a wireless interface. TCP has acknowledgements of its own and takes no "
            "notice.",
        .source = "include/uapi/asm-generic/socket.h",
    },
    {
        .name = "peek-off",
        .symbol = "SO_PEEK_OFF",
        .level = SOL_SOCKET,
        .number = SO_PEEK_OFF,
        .unit = Unit::Bytes,
        .min = -1,
        .late_refusal = "it changes which bytes the program sees",
        .since = "6.10",
        .special = kPeekOffsetOff,
        .brief = "Offset from which MSG_PEEK reads",
        .detail =
            "With an offset every peek starts behind what was peeked before; -1 turns that off. Unix sockets have "
            "had it since 3.4, TCP only since 6.10 and answers EOPNOTSUPP before. Accepted sockets inherit it.",
        .source = "socket(7)",
    },
    {
        .name = "nofcs",
        .symbol = "SO_NOFCS",
        .level = SOL_SOCKET,
        .number = SO_NOFCS,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .inert = true,
        .since = "3.4",
        .brief = "Supply the Ethernet checksum oneself",
        .detail = "For packet sockets that build whole frames. TCP does not build frames and ignores it.",
        .source = "packet(7)",
    },
    {
        .name = "lock-filter",
        .symbol = "SO_LOCK_FILTER",
        .level = SOL_SOCKET,
        .number = SO_LOCK_FILTER,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .late_refusal = "it cannot be undone",
        .since = "3.9",
        .brief = "Forbid changes of the socket's packet filter",
        .detail =
            "Once on it stays on: turning it off fails with EPERM, and so does attaching or detaching a filter. A "
            "privileged program uses it before it hands the socket on.",
        .source = "socket(7)",
    },
    {
        .name = "select-err-queue",
        .symbol = "SO_SELECT_ERR_QUEUE",
        .level = SOL_SOCKET,
        .number = SO_SELECT_ERR_QUEUE,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .late_refusal = "it changes what poll() tells the program",
        .since = "3.10",
        .brief = "A filled error queue also raises POLLPRI",
        .detail =
            "Without it only POLLERR tells that timestamps or zero-copy completions wait on the error queue. Since "
            "POLLERR cannot be masked, this lets select() see them as exceptional conditions.",
        .source = "include/uapi/asm-generic/socket.h",
    },
    {
        .name = "busy-poll",
        .symbol = "SO_BUSY_POLL",
        .level = SOL_SOCKET,
        .number = SO_BUSY_POLL,
        .unit = Unit::Microseconds,
        .min = 0,
        .since = "3.11",
        .default_sysctl = "net.core.busy_read",
        .sysctls = "net.core.busy_read net.core.busy_poll",
        .special = kNoBusyPoll,
        .brief = "Time a blocking read spins on the device queue",
        .detail = "Trades processor time for latency: the reader polls the network card instead of waiting for its "
                  "interrupt. It works only where SO_INCOMING_NAPI_ID is not 0, so never on loopback or veth. Older "
                  "kernels want CAP_NET_ADMIN to raise it.",
        .source = "socket(7)",
    },
    {
        .name = "max-pacing-rate",
        .symbol = "SO_MAX_PACING_RATE",
        .level = SOL_SOCKET,
        .number = SO_MAX_PACING_RATE,
        .kind = Kind::Unsigned64,
        .unit = Unit::BytesPerSecond,
        .min = 0,
        .max = INT64_MAX,
        .size = 8,
        .telling = true,
        .since = "3.13",
        .sysctls = "net.core.default_qdisc net.ipv4.tcp_pacing_ss_ratio net.ipv4.tcp_pacing_ca_ratio",
        .special = kUnlimitedRate,
        .brief = "Upper bound of the sending rate",
        .detail =
            "In bytes per second, headers included; the usual mistake is to give bits. The queueing discipline fq "
            "enforces it, and without fq TCP's own pacing timer does. 64 bits wide since 4.20; all ones means "
            "unlimited.",
        .source = "socket(7), tc-fq(8)",
    },
    {
        .name = "bpf-extensions",
        .symbol = "SO_BPF_EXTENSIONS",
        .level = SOL_SOCKET,
        .number = SO_BPF_EXTENSIONS,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Identity,
        .since = "3.14",
        .brief = "Number of classic BPF extensions the kernel has",
        .detail =
            "A property of the kernel and not of the socket; 64 on everything current. Packet filter compilers ask "
            "for it.",
        .source = "socket(7)",
    },
    {
        .name = "incoming-cpu",
        .symbol = "SO_INCOMING_CPU",
        .level = SOL_SOCKET,
        .number = SO_INCOMING_CPU,
        .phase = Phase::Listener,
        .inherit = Inherit::No,
        .min = -1,
        .late_refusal = "reading tells something else than what was set, so it could not be undone",
        .since = "3.19",
        .sysctls = "net.core.rps_sock_flow_entries",
        .special = kNoCpu,
        .brief = "Processor that last handled a packet of this socket",
        .detail =
            "Reading tells the processor the network stack used last; -1 before any packet. Writing it on listeners "
            "that share a port with SO_REUSEPORT sends each SYN to the listener of the processor it arrived on. "
            "An accepted socket starts with the processor of its own handshake.",
        .source = "socket(7)",
    },
    {
        .name = "cnx-advice",
        .symbol = "SO_CNX_ADVICE",
        .level = SOL_SOCKET,
        .number = SO_CNX_ADVICE,
        .kind = Kind::Enumeration,
        .access = Access::WriteOnly,
        .phase = Phase::Connected,
        .inherit = Inherit::NotApplicable,
        .min = 1,
        .max = 1,
        .since = "4.6",
        .names = kConnectionAdvice,
        .brief = "Tell the kernel that the path looks bad",
        .detail =
            "The one advice there is, 1, makes the kernel drop the cached route and pick another flow hash, which "
            "may move the connection to another path. Nothing can be read back.",
        .source = "include/uapi/asm-generic/socket.h",
    },
    {
        .name = "meminfo",
        .symbol = "SO_MEMINFO",
        .level = SOL_SOCKET,
        .number = SO_MEMINFO,
        .kind = Kind::Words,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Measurement,
        .size = 36,
        .since = "4.12",
        .names = kMemory,
        .brief = "Memory the socket holds right now",
        .detail =
            "Memory as the kernel accounts it, packet overhead included: what waits to be read (rmem_alloc), what is "
            "on its way out (wmem_alloc) or queued (wmem_queued), the two limits, and packets dropped at this "
            "socket. The same words that ss -m shows.",
        .source = "sock_diag(7)",
    },
    {
        .name = "incoming-napi-id",
        .symbol = "SO_INCOMING_NAPI_ID",
        .level = SOL_SOCKET,
        .number = SO_INCOMING_NAPI_ID,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Measurement,
        .since = "4.12",
        .special = kNoNapi,
        .brief = "Device queue the last packet came from",
        .detail =
            "Sockets with the same number are fed by the same receive queue, so one thread can serve them together. "
            "none (0) means that no such queue is known and that busy polling cannot work.",
        .source = "socket(7)",
    },
    {
        .name = "cookie",
        .symbol = "SO_COOKIE",
        .level = SOL_SOCKET,
        .number = SO_COOKIE,
        .kind = Kind::Unsigned64,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Identity,
        .size = 8,
        .since = "4.12",
        .brief = "Number of the socket, unique while the system runs",
        .detail = "Given out when somebody first asks and never used twice. sock_diag reports the same number, which "
                  "joins a descriptor with a line of ss -e.",
        .source = "socket(7)",
    },
    {
        .name = "peergroups",
        .symbol = "SO_PEERGROUPS",
        .level = SOL_SOCKET,
        .number = SO_PEERGROUPS,
        .kind = Kind::Bytes,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .applies = Applies::NotToTcp,
        .nature = Nature::Identity,
        .size = 256,
        .since = "4.13",
        .brief = "Supplementary groups behind a Unix socket's other end",
        .detail = "TCP knows no process at the other end and answers ENODATA.",
        .source = "unix(7)",
    },
    {
        .name = "zerocopy",
        .symbol = "SO_ZEROCOPY",
        .level = SOL_SOCKET,
        .number = SO_ZEROCOPY,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .late_refusal = "the program may wait for completions that then do not come",
        .since = "4.14",
        .sysctls = "net.core.optmem_max",
        .brief = "Allow MSG_ZEROCOPY when sending",
        .detail =
            "Pages of the program are sent without a copy and must stay untouched until the completion arrives on "
            "the error queue. It pays for writes of about 10 KB and more. On loopback the kernel copies all the "
            "same and says so in the completion.",
        .source = "Documentation/networking/msg_zerocopy.rst",
    },
    {
        .name = "txtime",
        .symbol = "SO_TXTIME",
        .level = SOL_SOCKET,
        .number = SO_TXTIME,
        .kind = Kind::Words,
        .min = 0,
        .size = 8,
        .inert = true,
        .needs = "CAP_NET_ADMIN (only for clocks other than CLOCK_MONOTONIC)",
        .since = "4.19",
        .sysctls = "net.core.default_qdisc",
        .names = kTransmitTime,
        .brief = "Departure times for single datagrams",
        .detail =
            "Lets a datagram sender give each packet the time at which it shall leave. TCP computes departure times "
            "itself for pacing and does not use what is set here.",
        .source = "tc-etf(8)",
    },
    {
        .name = "bindtoifindex",
        .symbol = "SO_BINDTOIFINDEX",
        .level = SOL_SOCKET,
        .number = SO_BINDTOIFINDEX,
        .phase = Phase::BeforeBind,
        .min = 0,
        .needs = "CAP_NET_RAW (only to change or clear a binding)",
        .since = "5.0",
        .sysctls = "net.ipv4.tcp_l3mdev_accept",
        .special = kNoDevice,
        .brief = "SO_BINDTODEVICE by interface index",
        .detail =
            "The same binding as SO_BINDTODEVICE. The index is not checked: one that does not exist is accepted and "
            "the socket silently loses its routes.",
        .source = "include/uapi/asm-generic/socket.h",
    },
    {
        .name = "prefer-busy-poll",
        .symbol = "SO_PREFER_BUSY_POLL",
        .level = SOL_SOCKET,
        .number = SO_PREFER_BUSY_POLL,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .needs = "CAP_NET_ADMIN",
        .since = "5.11",
        .brief = "Let busy polling replace the device's interrupts",
        .detail = "The interrupt stays off as long as the program polls. It needs gro_flush_timeout and "
                  "napi_defer_hard_irqs of the device to be set, and a socket whose packets come from a device queue.",
        .source = "Documentation/networking/napi.rst",
    },
    {
        .name = "busy-poll-budget",
        .symbol = "SO_BUSY_POLL_BUDGET",
        .level = SOL_SOCKET,
        .number = SO_BUSY_POLL_BUDGET,
        .unit = Unit::Packets,
        .access = Access::WriteOnly,
        .min = 0,
        .max = 65535,
        .needs = "CAP_NET_ADMIN (only for more than 8)",
        .since = "5.11",
        .brief = "Packets handled in one round of busy polling",
        .detail = "Starts at 8; more than the present budget needs CAP_NET_ADMIN. The kernel offers no way to read it "
                  "back.",
        .source = "Documentation/networking/napi.rst",
    },
    {
        .name = "netns-cookie",
        .symbol = "SO_NETNS_COOKIE",
        .level = SOL_SOCKET,
        .number = SO_NETNS_COOKIE,
        .kind = Kind::Unsigned64,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Identity,
        .size = 8,
        .since = "5.14",
        .brief = "Number of the network namespace the socket lives in",
        .detail =
            "Fixed when the socket is made, whatever namespace its program moves to later. The sysctls that govern "
            "the socket are those of this namespace.",
        .source = "include/uapi/asm-generic/socket.h",
    },
    {
        .name = "buf-lock",
        .symbol = "SO_BUF_LOCK",
        .level = SOL_SOCKET,
        .number = SO_BUF_LOCK,
        .kind = Kind::Flags,
        .min = 0,
        .max = 3,
        .telling = true,
        .since = "5.15",
        .sysctls = "net.ipv4.tcp_moderate_rcvbuf",
        .names = kBufferLocks,
        .brief = "Which buffers were set by hand and no longer adapt",
        .detail =
            "Setting SO_SNDBUF or SO_RCVBUF sets the bit of that buffer; it is the only way to tell an explicit size "
            "from one the kernel chose. Clearing a bit lets the kernel adapt that buffer again from the size it "
            "has.",
        .source = "include/uapi/linux/socket.h",
    },
    {
        .name = "reserve-mem",
        .symbol = "SO_RESERVE_MEM",
        .level = SOL_SOCKET,
        .number = SO_RESERVE_MEM,
        .unit = Unit::Bytes,
        .inherit = Inherit::No,
        .min = 0,
        .since = "5.16",
        .sysctls = "net.ipv4.tcp_mem",
        .brief = "Memory set aside for this socket in its control group",
        .detail = "Charged to the memory control group in advance and rounded up to pages, so that allocations do not "
                  "fail under pressure. Outside of a memory control group setting it fails with EOPNOTSUPP. Accepted "
                  "sockets reserve nothing.",
        .source = "include/uapi/asm-generic/socket.h",
    },
    {
        .name = "txrehash",
        .symbol = "SO_TXREHASH",
        .level = SOL_SOCKET,
        .number = SO_TXREHASH,
        .kind = Kind::Switch,
        .phase = Phase::BeforeConnect,
        .min = 0,
        .max = 1,
        .works_late = true,
        .since = "5.18",
        .default_sysctl = "net.core.txrehash",
        .sysctls = "net.core.txrehash",
        .brief = "Try another path after a retransmission timeout",
        .detail =
            "A new flow hash, and with IPv6 a new flow label, may lead packets around a broken link where several "
            "equal paths exist. Off keeps the connection on one path for good.",
        .source = "Documentation/admin-guide/sysctl/net.rst",
    },
    {
        .name = "rcvmark",
        .symbol = "SO_RCVMARK",
        .level = SOL_SOCKET,
        .number = SO_RCVMARK,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .inert = true,
        .since = "5.19",
        .brief = "Deliver the packet mark with each datagram",
        .detail = "A control message of datagram sockets; reading from a TCP connection never brings it.",
        .source = "include/uapi/asm-generic/socket.h",
    },
    {
        .name = "passpidfd",
        .symbol = "SO_PASSPIDFD",
        .level = SOL_SOCKET,
        .number = SO_PASSPIDFD,
        .kind = Kind::Switch,
        .inherit = Inherit::NotApplicable,
        .applies = Applies::NotToTcp,
        .min = 0,
        .max = 1,
        .since = "6.5",
        .brief = "Receive a descriptor of the sending process over a Unix socket",
        .detail = "Means nothing on TCP: kept by 6.5 to 6.15, refused with EOPNOTSUPP by newer kernels.",
        .source = "include/uapi/asm-generic/socket.h",
    },
    {
        .name = "peerpidfd",
        .symbol = "SO_PEERPIDFD",
        .level = SOL_SOCKET,
        .number = SO_PEERPIDFD,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .applies = Applies::NotToTcp,
        .nature = Nature::Identity,
        .since = "6.5",
        .brief = "Descriptor of the process behind a Unix socket's other end",
        .detail = "TCP knows no process at the other end and answers ENODATA.",
        .source = "include/uapi/asm-generic/socket.h",
    },
    {
        .name = "rcvpriority",
        .symbol = "SO_RCVPRIORITY",
        .level = SOL_SOCKET,
        .number = SO_RCVPRIORITY,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .inert = true,
        .since = "6.14",
        .brief = "Deliver the packet priority with each datagram",
        .detail = "A control message of datagram sockets; reading from a TCP connection never brings it.",
        .source = "include/uapi/asm-generic/socket.h",
    },
    {
        .name = "passrights",
        .symbol = "SO_PASSRIGHTS",
        .level = SOL_SOCKET,
        .number = SO_PASSRIGHTS,
        .kind = Kind::Switch,
        .inherit = Inherit::NotApplicable,
        .applies = Applies::NotToTcp,
        .min = 0,
        .max = 1,
        .since = "6.16",
        .brief = "Accept descriptors sent over a Unix socket",
        .detail = "TCP carries no descriptors and refuses it with EOPNOTSUPP.",
        .source = "include/uapi/asm-generic/socket.h",
    },
    {
        .name = "so-inq",
        .symbol = "SO_INQ",
        .level = SOL_SOCKET,
        .number = SO_INQ,
        .kind = Kind::Switch,
        .inherit = Inherit::NotApplicable,
        .applies = Applies::NotToTcp,
        .min = 0,
        .max = 1,
        .since = "6.17",
        .brief = "Report the bytes left in a Unix socket's queue",
        .detail = "TCP answers ENOPROTOOPT here and has TCP_INQ for the same purpose.",
        .source = "include/uapi/asm-generic/socket.h",
    },
});

}  // namespace tcpkit::catalogue
