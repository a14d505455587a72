#pragma once

#include <array>

#include <netinet/in.h>

#include <tcpkit/sock/option.hpp>

/// The rows of IPPROTO_TCP. The numbers are the same on every architecture and stand here as they are: the two headers
/// that name them, <linux/tcp.h> and <netinet/tcp.h>, cannot be included together and neither knows all of them.

namespace tcpkit::catalogue {

inline constexpr std::array<NamedNumber, 3> kSavedHeaders{{{0, "off"}, {1, "network"}, {2, "link"}}};

inline constexpr std::array<NamedNumber, 1> kMaxsegReset{{{0, "from the route"}}};
inline constexpr std::array<NamedNumber, 2> kFinWait2Times{{{UINT64_MAX, "no FIN-WAIT-2"}, {0, "system default"}}};
inline constexpr std::array<NamedNumber, 1> kNoDefer{{{0, "off"}}};
inline constexpr std::array<NamedNumber, 1> kNoClamp{{{0, "none"}}};
inline constexpr std::array<NamedNumber, 1> kUserTimeoutDefault{{{0, "system default"}}};
inline constexpr std::array<NamedNumber, 1> kNoFastOpen{{{0, "off"}}};
inline constexpr std::array<NamedNumber, 2> kNotSentLimits{{{0, "system default"}, {UINT32_MAX, "unlimited"}}};
inline constexpr std::array<NamedNumber, 1> kNoDelay{{{0, "none"}}};

// RTO_MIN and DELACK_MAX must be two clock ticks at least, rounded up: 1001 us with the finest common tick of 1 ms.
inline constexpr std::int64_t kLeastTickedUs = 1001;
inline constexpr std::int64_t kMostTickedUs = 200'000;

inline constexpr auto kTcpOptions = std::to_array<Option>({
    {
        .name = "nodelay",
        .symbol = "TCP_NODELAY",
        .level = IPPROTO_TCP,
        .number = 1,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .headline = true,
        .telling = true,
        .since = "2.0",
        .sysctls = "net.ipv4.tcp_autocorking",
        .brief = "Send small segments at once, without Nagle's algorithm",
        .detail =
            "Off, a segment that is not full waits until everything sent before is acknowledged; together with the "
            "peer's delayed acknowledgement that costs about 40 ms for each request written in two pieces. It must "
            "be set at the end that writes the small pieces. Setting it pushes out what is waiting; TCP_CORK is "
            "stronger and holds new data all the same.",
        .source = "tcp(7), RFC 896, RFC 1122 4.2.3.4",
    },
    {
        .name = "maxseg",
        .symbol = "TCP_MAXSEG",
        .level = IPPROTO_TCP,
        .number = 2,
        .unit = Unit::Bytes,
        .phase = Phase::BeforeConnect,
        .min = 88,
        .max = 32767,
        .hides_unset = true,
        .since = "2.4",
        .sysctls = "net.ipv4.tcp_base_mss net.ipv4.tcp_min_snd_mss net.ipv4.tcp_mtu_probing net.ipv4.route.min_adv_mss",
        .special = kMaxsegReset,
        .brief = "Largest segment to announce and to send",
        .detail =
            "Counts only before connect() or listen(): later it is accepted and changes nothing on the wire. Before "
            "the handshake it reads back as set, or 536 when unset; on a connection it reads the segment size now "
            "in use, which is smaller by the TCP options in each header (1000 asked, 988 with timestamps). 0 goes "
            "back to the route's value.",
        .source = "tcp(7), RFC 6691",
    },
    {
        .name = "cork",
        .symbol = "TCP_CORK",
        .level = IPPROTO_TCP,
        .number = 3,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .telling = true,
        .since = "2.2",
        .brief = "Hold back segments that are not full",
        .detail = "Full segments leave, the rest waits until the cork is taken out or for about one retransmission "
                  "timeout, 200 ms or so. Forgetting to take it out therefore shows as a stall of 200 ms. It wins over "
                  "TCP_NODELAY, and a corked listener corks every socket accepted from it.",
        .source = "tcp(7)",
    },
    {
        .name = "keepidle",
        .symbol = "TCP_KEEPIDLE",
        .level = IPPROTO_TCP,
        .number = 4,
        .unit = Unit::Seconds,
        .min = 1,
        .max = 32767,
        .headline = true,
        .telling = true,
        .since = "2.4",
        .default_sysctl = "net.ipv4.tcp_keepalive_time",
        .sysctls = "net.ipv4.tcp_keepalive_time",
        .brief = "Idle time before the first keepalive probe",
        .detail =
            "Counts only with SO_KEEPALIVE on. Until it is set the sysctl is looked up each time, so a change of the "
            "sysctl reaches existing sockets. When probes are on already, the running timer is started anew less "
            "the time that has been idle. Firewalls and load balancers often forget a connection long before the "
            "default of two hours.",
        .source = "tcp(7), RFC 9293 3.8.4",
    },
    {
        .name = "keepintvl",
        .symbol = "TCP_KEEPINTVL",
        .level = IPPROTO_TCP,
        .number = 5,
        .unit = Unit::Seconds,
        .min = 1,
        .max = 32767,
        .headline = true,
        .telling = true,
        .since = "2.4",
        .default_sysctl = "net.ipv4.tcp_keepalive_intvl",
        .sysctls = "net.ipv4.tcp_keepalive_intvl",
        .brief = "Time between unanswered keepalive probes",
        .detail =
            "Counts only with SO_KEEPALIVE on, and from the probe after the next one when probes are running. An idle "
            "connection is given up TCP_KEEPIDLE + TCP_KEEPCNT * TCP_KEEPINTVL seconds after the last segment.",
        .source = "tcp(7)",
    },
    {
        .name = "keepcnt",
        .symbol = "TCP_KEEPCNT",
        .level = IPPROTO_TCP,
        .number = 6,
        .unit = Unit::Count,
        .min = 1,
        .max = 127,
        .headline = true,
        .telling = true,
        .since = "2.4",
        .default_sysctl = "net.ipv4.tcp_keepalive_probes",
        .sysctls = "net.ipv4.tcp_keepalive_probes",
        .brief = "Unanswered keepalive probes before giving up",
        .detail =
            "Counts only with SO_KEEPALIVE on. Once TCP_USER_TIMEOUT is set the count is ignored and the connection "
            "ends at the first probe that is due after that time.",
        .source = "tcp(7)",
    },
    {
        .name = "syncnt",
        .symbol = "TCP_SYNCNT",
        .level = IPPROTO_TCP,
        .number = 7,
        .unit = Unit::Count,
        .phase = Phase::BeforeConnect,
        .min = 1,
        .max = 127,
        .hides_unset = true,
        .since = "2.4",
        .default_sysctl = "net.ipv4.tcp_syn_retries",
        .sysctls = "net.ipv4.tcp_syn_retries net.ipv4.tcp_syn_linear_timeouts net.ipv4.tcp_synack_retries",
        .brief = "SYN retransmissions before connect() gives up",
        .detail =
            "Kernels with net.ipv4.tcp_syn_linear_timeouts (6.5 and later) first repeat the SYN every second that "
            "many times, so more SYNs are sent than asked for while the time to ETIMEDOUT stays about the same. 0 "
            "is not possible. On a listener it takes the place of net.ipv4.tcp_synack_retries.",
        .source = "tcp(7), Documentation/networking/ip-sysctl.rst",
    },
    {
        .name = "linger2",
        .symbol = "TCP_LINGER2",
        .level = IPPROTO_TCP,
        .number = 8,
        .unit = Unit::Seconds,
        .min = -1,
        .since = "2.4",
        .default_sysctl = "net.ipv4.tcp_fin_timeout",
        .sysctls = "net.ipv4.tcp_fin_timeout",
        .special = kFinWait2Times,
        .brief = "Time a closed socket waits in FIN-WAIT-2 for the peer's FIN",
        .detail =
            "Concerns sockets that no program holds any more. More than 120 s is cut to 120 s, 0 goes back to the "
            "sysctl, and -1 skips the state: the connection is reset instead. TIME_WAIT is another matter and "
            "always lasts 60 s.",
        .source = "tcp(7)",
    },
    {
        .name = "defer-accept",
        .symbol = "TCP_DEFER_ACCEPT",
        .level = IPPROTO_TCP,
        .number = 9,
        .unit = Unit::Seconds,
        .phase = Phase::Listener,
        .inherit = Inherit::No,
        .min = 0,
        .telling = true,
        .since = "2.4",
        .sysctls = "net.ipv4.tcp_synack_retries",
        .special = kNoDefer,
        .brief = "Wake the listener only when the first data has arrived",
        .detail =
            "The time is turned into a number of SYN-ACK timeouts and reads back as their sum, rounded up: 2 becomes "
            "3, 5 becomes 7, 10 becomes 15. Meanwhile the client is connected and the server still in SYN-RECV, for "
            "the last step of the handshake is dropped until data comes with it.",
        .source = "tcp(7)",
    },
    {
        .name = "window-clamp",
        .symbol = "TCP_WINDOW_CLAMP",
        .level = IPPROTO_TCP,
        .number = 10,
        .unit = Unit::Bytes,
        .phase = Phase::BeforeConnect,
        .min = 0,
        .since = "2.4",
        .sysctls = "net.ipv4.tcp_rmem net.ipv4.tcp_moderate_rcvbuf",
        .special = kNoClamp,
        .brief = "Upper bound of the window offered to the peer",
        .detail =
            "Anything below half of the least receive buffer is raised to that (1152 on current 64-bit kernels), and "
            "0 is possible only before connect() and listen(). Set before the SYN it lowers the window scale too. "
            "On 6.x kernels it does not last: autotuning overwrites it as soon as data arrives, so only a small "
            "SO_RCVBUF bounds the window for good.",
        .source = "tcp(7), net/ipv4/tcp.c",
    },
    {
        .name = "quickack",
        .symbol = "TCP_QUICKACK",
        .level = IPPROTO_TCP,
        .number = 12,
        .kind = Kind::Switch,
        .phase = Phase::Connected,
        .inherit = Inherit::No,
        .min = 0,
        .max = 1,
        .headline = true,
        .telling = true,
        .since = "2.4.4",
        .sysctls = "net.ipv4.tcp_pingpong_thresh",
        .brief = "Acknowledge received data at once",
        .detail =
            "Not a setting but a nudge: the kernel leaves the delayed-acknowledgement mode and sends what is due, and "
            "goes back into it as soon as the program answers what it read. To have an effect throughout it must "
            "be set again after every read. listen() resets it.",
        .source = "tcp(7), RFC 1122 4.2.3.2",
    },
    {
        .name = "congestion",
        .symbol = "TCP_CONGESTION",
        .level = IPPROTO_TCP,
        .number = 13,
        .kind = Kind::Name,
        .size = 16,
        .headline = true,
        .telling = true,
        .since = "2.6.13",
        .default_sysctl = "net.ipv4.tcp_congestion_control",
        .sysctls = "net.ipv4.tcp_congestion_control net.ipv4.tcp_available_congestion_control "
                   "net.ipv4.tcp_allowed_congestion_control",
        .brief = "Congestion control algorithm",
        .detail =
            "A name from net.ipv4.tcp_available_congestion_control; one that is not in the allowed list too needs "
            "CAP_NET_ADMIN. Changing it on a live connection starts the new algorithm from scratch. Accepted "
            "sockets take the listener's choice of that moment, not the sysctl's.",
        .source = "tcp(7)",
    },
    {
        .name = "md5sig",
        .symbol = "TCP_MD5SIG",
        .level = IPPROTO_TCP,
        .number = 14,
        .kind = Kind::Bytes,
        .access = Access::WriteOnly,
        .size = 216,
        .since = "2.6.20",
        .sysctls = "net.core.optmem_max",
        .brief = "Key that signs the segments to and from one peer",
        .detail =
            "Segments without a valid signature are dropped without a word; TCPMD5NotFound counts them. An accepted "
            "connection takes the key of its peer along. tcpkit tells of it but does not set keys.",
        .source = "RFC 2385",
    },
    {
        .name = "thin-linear-timeouts",
        .symbol = "TCP_THIN_LINEAR_TIMEOUTS",
        .level = IPPROTO_TCP,
        .number = 16,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .since = "2.6.34",
        .sysctls = "net.ipv4.tcp_thin_linear_timeouts",
        .brief = "Do not double the timeout of streams with little in flight",
        .detail =
            "With fewer than four packets in flight the first six retransmission timeouts keep their length instead "
            "of doubling. Meant for games and terminals, whose few packets get no help from duplicate "
            "acknowledgements. The sysctl turns it on for all sockets without showing here.",
        .source = "Documentation/networking/tcp-thin.rst",
    },
    {
        .name = "thin-dupack",
        .symbol = "TCP_THIN_DUPACK",
        .level = IPPROTO_TCP,
        .number = 17,
        .kind = Kind::Switch,
        .inherit = Inherit::NotApplicable,
        .min = 0,
        .max = 1,
        .inert = true,
        .since = "2.6.34",
        .brief = "Fast retransmit on the first duplicate acknowledgement, gone",
        .detail =
            "0 and 1 are accepted and nothing is kept since 4.11, when RACK loss detection took over what it did.",
        .source = "net/ipv4/tcp.c",
    },
    {
        .name = "user-timeout",
        .symbol = "TCP_USER_TIMEOUT",
        .level = IPPROTO_TCP,
        .number = 18,
        .unit = Unit::Milliseconds,
        .min = 0,
        .headline = true,
        .telling = true,
        .since = "2.6.37",
        .sysctls = "net.ipv4.tcp_retries2 net.ipv4.tcp_syn_retries net.ipv4.tcp_keepalive_time "
                   "net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes",
        .special = kUserTimeoutDefault,
        .brief = "How long sent data may stay unacknowledged",
        .detail =
            "Takes the place of the deadline that net.ipv4.tcp_retries2 gives, shorter or longer, counted from the "
            "first retransmission; then the connection fails with ETIMEDOUT. On an idle connection it does nothing "
            "without SO_KEEPALIVE, and with it TCP_KEEPCNT is ignored. While connecting it can only shorten. It "
            "also ends connections to a live peer that keeps its window closed for longer.",
        .source = "tcp(7), RFC 5482",
    },
    {
        .name = "fastopen",
        .symbol = "TCP_FASTOPEN",
        .level = IPPROTO_TCP,
        .number = 23,
        .unit = Unit::Connections,
        .phase = Phase::Listener,
        .inherit = Inherit::No,
        .min = 0,
        .telling = true,
        .since = "3.7",
        .sysctls = "net.ipv4.tcp_fastopen net.core.somaxconn net.ipv4.tcp_fastopen_key",
        .special = kNoFastOpen,
        .brief = "Accept data in the SYN; length of the queue for such connections",
        .detail =
            "Cut to net.core.somaxconn without an error. It is accepted although bit 2 of net.ipv4.tcp_fastopen, the "
            "server's side, is not set, and then does nothing.",
        .source = "tcp(7), RFC 7413",
    },
    {
        .name = "tcp-timestamp",
        .symbol = "TCP_TIMESTAMP",
        .level = IPPROTO_TCP,
        .number = 24,
        .kind = Kind::Unsigned32,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Measurement,
        .since = "3.9",
        .sysctls = "net.ipv4.tcp_timestamps",
        .brief = "Clock value of the socket's TCP timestamps",
        .detail =
            "What the next segment would carry as its timestamp, with the random offset of this connection. It moves "
            "on with every reading. Writing it is part of checkpoint and restore and not offered.",
        .source = "RFC 7323",
    },
    {
        .name = "notsent-lowat",
        .symbol = "TCP_NOTSENT_LOWAT",
        .level = IPPROTO_TCP,
        .number = 25,
        .kind = Kind::Unsigned32,
        .unit = Unit::Bytes,
        .min = 0,
        .max = UINT32_MAX,
        .headline = true,
        .telling = true,
        .since = "3.12",
        .sysctls = "net.ipv4.tcp_notsent_lowat",
        .special = kNotSentLimits,
        .brief = "Unsent bytes above which the socket is not writable",
        .detail =
            "Keeps data in the program, where it can still be reordered or dropped, instead of in the send buffer: "
            "what is beyond the congestion window queues only up to this amount. Both poll() and blocking writes "
            "obey it. 0 means the sysctl's value, which 0 reads back as well.",
        .source = "tcp(7), Documentation/networking/ip-sysctl.rst",
    },
    {
        .name = "cc-info",
        .symbol = "TCP_CC_INFO",
        .level = IPPROTO_TCP,
        .number = 26,
        .kind = Kind::Bytes,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Measurement,
        .size = 20,
        .since = "4.1",
        .brief = "Internal figures of the congestion control algorithm",
        .detail =
            "A structure of the algorithm's own: bandwidth, minimum round trip and gains for bbr, others for vegas "
            "and dctcp. cubic and reno have none and give no bytes.",
        .source = "include/uapi/linux/inet_diag.h",
    },
    {
        .name = "save-syn",
        .symbol = "TCP_SAVE_SYN",
        .level = IPPROTO_TCP,
        .number = 27,
        .kind = Kind::Enumeration,
        .phase = Phase::Listener,
        .min = 0,
        .max = 2,
        .since = "4.2",
        .names = kSavedHeaders,
        .brief = "Keep the headers of each client's SYN",
        .detail =
            "Accepted sockets hold the IP and TCP header of the SYN for TCP_SAVED_SYN, with link (since 5.10) the "
            "link-layer header too. It shows what the client offered: window, scale, segment size, ECN, fast open.",
        .source = "tcp(7)",
    },
    {
        .name = "saved-syn",
        .symbol = "TCP_SAVED_SYN",
        .level = IPPROTO_TCP,
        .number = 28,
        .kind = Kind::Bytes,
        .access = Access::ReadOnly,
        .phase = Phase::Connected,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Identity,
        .size = 256,
        .consuming_read = true,
        .since = "4.2",
        .brief = "Headers of the client's SYN, freed by reading them",
        .detail = "Can be read once, on an accepted socket whose listener had TCP_SAVE_SYN; after that it is empty. It "
                  "belongs to the program that owns the socket and is therefore listed and never read.",
        .source = "tcp(7)",
    },
    {
        .name = "fastopen-connect",
        .symbol = "TCP_FASTOPEN_CONNECT",
        .level = IPPROTO_TCP,
        .number = 30,
        .kind = Kind::Switch,
        .phase = Phase::BeforeConnect,
        .min = 0,
        .max = 1,
        .since = "4.11",
        .sysctls = "net.ipv4.tcp_fastopen",
        .brief = "Send the first data in the SYN",
        .detail =
            "connect() then returns at once with nothing sent, and the first write carries the data in the SYN if a "
            "cookie of this server is known. A server that is not there shows only at that write. Needs bit 1 of "
            "net.ipv4.tcp_fastopen, or fails with EOPNOTSUPP.",
        .source = "tcp(7), RFC 7413",
    },
    {
        .name = "ulp",
        .symbol = "TCP_ULP",
        .level = IPPROTO_TCP,
        .number = 31,
        .kind = Kind::Name,
        .phase = Phase::Connected,
        .size = 16,
        .late_refusal = "it cannot be undone, and it changes what the program's writes mean",
        .since = "4.13",
        .sysctls = "net.ipv4.tcp_available_ulp",
        .brief = "Protocol on top of TCP that the kernel handles, such as tls",
        .detail =
            "Empty unless a program installed one. tls wants an established connection, can be set once and never "
            "taken away; a kernel without the module answers ENOENT.",
        .source = "Documentation/networking/tls.rst",
    },
    {
        .name = "md5sig-ext",
        .symbol = "TCP_MD5SIG_EXT",
        .level = IPPROTO_TCP,
        .number = 32,
        .kind = Kind::Bytes,
        .access = Access::WriteOnly,
        .size = 216,
        .since = "4.14",
        .sysctls = "net.core.optmem_max",
        .brief = "Key that signs the segments of a network or an interface",
        .detail =
            "TCP_MD5SIG for all peers of an address prefix, or of one interface. tcpkit tells of it but does not set "
            "keys.",
        .source = "RFC 2385",
    },
    {
        .name = "fastopen-key",
        .symbol = "TCP_FASTOPEN_KEY",
        .level = IPPROTO_TCP,
        .number = 33,
        .kind = Kind::Bytes,
        .inherit = Inherit::No,
        .size = 32,
        .secret = true,
        .since = "4.15",
        .sysctls = "net.ipv4.tcp_fastopen",
        .brief = "Key of this socket's fast open cookies",
        .detail = "16 bytes, or 32 with the key before it. Unset, the key of the host counts. Who knows it can forge "
                  "cookies, so tcpkit neither reads nor sets it.",
        .source = "RFC 7413",
    },
    {
        .name = "fastopen-no-cookie",
        .symbol = "TCP_FASTOPEN_NO_COOKIE",
        .level = IPPROTO_TCP,
        .number = 34,
        .kind = Kind::Switch,
        .phase = Phase::BeforeConnect,
        .min = 0,
        .max = 1,
        .since = "4.15",
        .sysctls = "net.ipv4.tcp_fastopen",
        .brief = "Fast open without a cookie",
        .detail =
            "Data in the SYN is sent or accepted without proof that the client's address is real. Only for networks "
            "where nobody can forge addresses. Possible before connect() or on a listener, else EINVAL.",
        .source = "RFC 7413",
    },
    {
        .name = "zerocopy-receive",
        .symbol = "TCP_ZEROCOPY_RECEIVE",
        .level = IPPROTO_TCP,
        .number = 35,
        .kind = Kind::Bytes,
        .access = Access::ReadOnly,
        .phase = Phase::Connected,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Measurement,
        .size = 64,
        .consuming_read = true,
        .since = "4.18",
        .brief = "Map received data into memory; takes it from the queue",
        .detail =
            "A read in the disguise of getsockopt(): it moves pages of received data into the caller's mapping and "
            "removes them from the socket. It is therefore listed and never read.",
        .source = "net/ipv4/tcp.c",
    },
    {
        .name = "inq",
        .symbol = "TCP_INQ",
        .level = IPPROTO_TCP,
        .number = 36,
        .kind = Kind::Switch,
        .min = 0,
        .max = 1,
        .late_refusal = "the program would get control messages that it did not ask for",
        .since = "4.18",
        .brief = "Report the bytes left in the queue with each read",
        .detail =
            "recvmsg() brings a control message TCP_CM_INQ with the bytes that are still waiting, which saves the "
            "last read that would only say EAGAIN.",
        .source = "tcp(7)",
    },
    {
        .name = "tx-delay",
        .symbol = "TCP_TX_DELAY",
        .level = IPPROTO_TCP,
        .number = 37,
        .unit = Unit::Microseconds,
        .min = 0,
        .max = 268435455,
        .since = "5.3",
        .sysctls = "net.core.default_qdisc",
        .special = kNoDelay,
        .brief = "Artificial delay of everything sent, for tests",
        .detail =
            "The queueing discipline fq holds each packet for that long. Under any other discipline nothing is "
            "delayed, yet the kernel adds the time to its round-trip estimate, so that the reported round trip and "
            "the retransmission timeout are wrong.",
        .source = "net/ipv4/tcp.c, tc-fq(8)",
    },
    {
        .name = "is-mptcp",
        .symbol = "TCP_IS_MPTCP",
        .level = IPPROTO_TCP,
        .number = 43,
        .kind = Kind::Switch,
        .access = Access::ReadOnly,
        .inherit = Inherit::NotApplicable,
        .nature = Nature::Measurement,
        .since = "6.10",
        .sysctls = "net.mptcp.enabled",
        .brief = "Whether multipath TCP is really in use",
        .detail = "Off on plain TCP, and off on a multipath socket that fell back to plain TCP because the peer or the "
                  "path would not have it. SO_PROTOCOL cannot tell these apart.",
        .source = "Documentation/networking/mptcp.rst",
    },
    {
        .name = "rto-max-ms",
        .symbol = "TCP_RTO_MAX_MS",
        .level = IPPROTO_TCP,
        .number = 44,
        .unit = Unit::Milliseconds,
        .min = 1000,
        .max = 120000,
        .since = "6.15",
        .default_sysctl = "net.ipv4.tcp_rto_max_ms",
        .sysctls = "net.ipv4.tcp_rto_max_ms",
        .brief = "Longest retransmission timeout",
        .detail =
            "Where the doubling of the timeout ends, for SYNs as well: a smaller value makes connect() and blocked "
            "writes fail earlier for the same number of retries. Rounded up to the kernel's tick.",
        .source = "Documentation/networking/ip-sysctl.rst",
    },
    {
        .name = "rto-min-us",
        .symbol = "TCP_RTO_MIN_US",
        .level = IPPROTO_TCP,
        .number = 45,
        .unit = Unit::Microseconds,
        .min = kLeastTickedUs,
        .max = kMostTickedUs,
        .since = "6.15",
        .default_sysctl = "net.ipv4.tcp_rto_min_us",
        .sysctls = "net.ipv4.tcp_rto_min_us",
        .brief = "Shortest retransmission timeout",
        .detail =
            "Rounded up to the kernel's tick, and at least two ticks: with a tick of 4 ms, 5000 becomes 8000 and 4000 "
            "is refused with EINVAL. In a data centre the default of 200 ms is a thousand round trips long. It also "
            "bounds the delayed acknowledgement, and the route's rto_min goes before it.",
        .source = "Documentation/networking/ip-sysctl.rst, RFC 6298",
    },
    {
        .name = "delack-max-us",
        .symbol = "TCP_DELACK_MAX_US",
        .level = IPPROTO_TCP,
        .number = 46,
        .unit = Unit::Microseconds,
        .min = kLeastTickedUs,
        .max = kMostTickedUs,
        .since = "6.15",
        .sysctls = "net.ipv4.tcp_rto_min_us",
        .brief = "Longest delay of an acknowledgement",
        .detail =
            "Bounds how long this end waits for data to send along with the acknowledgement, and so the stall that "
            "Nagle's algorithm at the other end adds: about 40 ms without it, 12 ms with 8000. Rounded up to the "
            "kernel's tick, at least two ticks.",
        .source = "net/ipv4/tcp.c, RFC 1122 4.2.3.2",
    },
});

}  // namespace tcpkit::catalogue
