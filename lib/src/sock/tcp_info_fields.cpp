#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <tcpkit/sock/tcp_info.hpp>

#include "base/letters.hpp"

// THE field table: one row for each field of struct tcp_info (include/uapi/linux/tcp.h), at the offset where the
// kernel's ABI keeps it. Nothing here comes from the headers of the build host.
//
// The table ends at byte 276. Kernel 6.18 returns two 16-bit numbers there (tcpi_accecn_fail_mode and
// tcpi_accecn_opt_seen); later kernels fold both, with more, into one 32-bit word of bit-fields at the same place and
// length. The answer does not say which layout it has, so neither field can be decoded honestly.
namespace tcpkit {
namespace {

using enum FieldKind;

// enum in include/net/tcp_states.h
constexpr auto kStates = std::to_array<NamedNumber>({{1, "ESTABLISHED"},
                                                     {2, "SYN_SENT"},
                                                     {3, "SYN_RECV"},
                                                     {4, "FIN_WAIT1"},
                                                     {5, "FIN_WAIT2"},
                                                     {6, "TIME_WAIT"},
                                                     {7, "CLOSE"},
                                                     {8, "CLOSE_WAIT"},
                                                     {9, "LAST_ACK"},
                                                     {10, "LISTEN"},
                                                     {11, "CLOSING"},
                                                     {12, "NEW_SYN_RECV"}});

// enum tcp_ca_state
constexpr auto kCaStates =
    std::to_array<NamedNumber>({{0, "Open"}, {1, "Disorder"}, {2, "CWR"}, {3, "Recovery"}, {4, "Loss"}});

// TCPI_OPT_*; usec_ts appeared in 6.7, tfo_child in 6.13
constexpr auto kOptions = std::to_array<NamedNumber>({{1, "ts"},
                                                      {2, "sack"},
                                                      {4, "wscale"},
                                                      {8, "ecn"},
                                                      {16, "ecnseen"},
                                                      {32, "syn_data"},
                                                      {64, "usec_ts"},
                                                      {128, "tfo_child"}});

// enum tcp_fastopen_client_fail
constexpr auto kFastopenFailures = std::to_array<NamedNumber>(
    {{0, "unspecified"}, {1, "cookie unavailable"}, {2, "data not acked"}, {3, "SYN retransmitted"}});

constexpr auto kInfiniteThreshold = std::to_array<NamedNumber>({{2147483647, "infinite"}});  // TCP_INFINITE_SSTHRESH
constexpr auto kNoSample = std::to_array<NamedNumber>({{4294967295, "no sample"}});          // a minmax never updated
constexpr auto kUnlimited = std::to_array<NamedNumber>({{std::numeric_limits<std::uint64_t>::max(), "unlimited"}});

constexpr auto kFields = std::to_array<TcpInfoField>({
    {.name = "state",
     .key = "state",
     .offset = 0,
     .width = 1,
     .kind = Enumeration,
     .since = "2.4",
     .names = kStates,
     .ss_name = "State",
     .brief = "state of the connection"},
    {.name = "ca_state",
     .key = "ca_state",
     .offset = 1,
     .width = 1,
     .kind = Enumeration,
     .since = "2.4",
     .names = kCaStates,
     .brief = "phase of loss recovery"},
    {.name = "retransmits",
     .key = "retransmits",
     .offset = 2,
     .width = 1,
     .unit = Unit::Count,
     .since = "2.4",
     .ss_name = "timer",
     .brief = "timeouts in a row without progress; any progress sets it back to 0"},
    {.name = "probes",
     .key = "probes",
     .offset = 3,
     .width = 1,
     .unit = Unit::Count,
     .since = "2.4",
     .ss_name = "timer",
     .brief = "zero-window or keepalive probes still unanswered"},
    {.name = "backoff",
     .key = "backoff",
     .offset = 4,
     .width = 1,
     .since = "2.4",
     .ss_name = "backoff",
     .brief = "how often the retransmission timeout has been doubled"},
    {.name = "options",
     .key = "options",
     .offset = 5,
     .width = 1,
     .kind = Flags,
     .since = "2.4",
     .names = kOptions,
     .ss_name = "ts sack ecn ecnseen fastopen usec_ts",
     .brief = "what both ends agreed on in the handshake, and what was seen since"},
    {.name = "snd_wscale",
     .key = "snd_wscale",
     .offset = 6,
     .width = 1,
     .bit = 0,
     .bits = 4,
     .since = "2.4",
     .ss_name = "wscale",
     .brief = "the peer's window scale: its advertised windows are shifted left by this"},
    {.name = "rcv_wscale",
     .key = "rcv_wscale",
     .offset = 6,
     .width = 1,
     .bit = 4,
     .bits = 4,
     .since = "2.4",
     .ss_name = "wscale",
     .brief = "our own window scale, settled when the SYN went out"},
    {.name = "delivery_rate_app_limited",
     .key = "delivery_rate_app_limited",
     .offset = 7,
     .width = 1,
     .bit = 0,
     .bits = 1,
     .kind = Switch,
     .since = "4.9",
     .ss_name = "app_limited",
     .brief = "the last delivery_rate was held down by the application, not by the path"},
    {.name = "fastopen_client_fail",
     .key = "fastopen_client_fail",
     .offset = 7,
     .width = 1,
     .bit = 1,
     .bits = 2,
     .kind = Enumeration,
     .since = "5.5",
     .names = kFastopenFailures,
     .brief = "why TCP Fast Open did not carry the client's data"},
    {.name = "rto",
     .key = "rto_us",
     .offset = 8,
     .unit = Unit::Microseconds,
     .since = "2.4",
     .ss_name = "rto",
     .brief = "retransmission timeout in force, doublings included"},
    {.name = "ato",
     .key = "ato_us",
     .offset = 12,
     .unit = Unit::Microseconds,
     .since = "2.4",
     .ss_name = "ato",
     .brief = "how long an acknowledgement may be delayed"},
    {.name = "snd_mss",
     .key = "snd_mss_bytes",
     .offset = 16,
     .unit = Unit::Bytes,
     .since = "2.4",
     .ss_name = "mss",
     .brief = "payload of a full segment we send; TCP options are already subtracted"},
    {.name = "rcv_mss",
     .key = "rcv_mss_bytes",
     .offset = 20,
     .unit = Unit::Bytes,
     .since = "2.4",
     .ss_name = "rcvmss",
     .brief = "guess at the peer's segment size, used to time acknowledgements"},
    {.name = "unacked",
     .key = "unacked_segments",
     .offset = 24,
     .unit = Unit::Segments,
     .since = "2.4",
     .ss_name = "unacked",
     .brief = "sent and not yet acknowledged; on a listener the length of its accept queue"},
    {.name = "sacked",
     .key = "sacked_segments",
     .offset = 28,
     .unit = Unit::Segments,
     .since = "2.4",
     .ss_name = "sacked",
     .brief = "selectively acknowledged while in flight; on a listener its backlog"},
    {.name = "lost",
     .key = "lost_segments",
     .offset = 32,
     .unit = Unit::Segments,
     .since = "2.4",
     .ss_name = "lost",
     .brief = "in flight and presumed lost"},
    {.name = "retrans",
     .key = "retrans_segments",
     .offset = 36,
     .unit = Unit::Segments,
     .since = "2.4",
     .ss_name = "retrans",
     .brief = "sent again and still unacknowledged"},
    {.name = "fackets",
     .key = "fackets_segments",
     .offset = 40,
     .unit = Unit::Segments,
     .since = "2.4",
     .ss_name = "fackets",
     .brief = "left over from forward acknowledgement: 0 since kernel 4.15"},
    {.name = "last_data_sent",
     .key = "last_data_sent_ms",
     .offset = 44,
     .unit = Unit::Milliseconds,
     .since = "2.4",
     .ss_name = "lastsnd",
     .brief = "time since the last segment with data went out"},
    {.name = "last_ack_sent",
     .key = "last_ack_sent_ms",
     .offset = 48,
     .unit = Unit::Milliseconds,
     .since = "2.4",
     .brief = "reserved in the structure; no kernel fills it, it reads 0"},
    {.name = "last_data_recv",
     .key = "last_data_recv_ms",
     .offset = 52,
     .unit = Unit::Milliseconds,
     .since = "2.4",
     .ss_name = "lastrcv",
     .brief = "time since the last segment with data came in"},
    {.name = "last_ack_recv",
     .key = "last_ack_recv_ms",
     .offset = 56,
     .unit = Unit::Milliseconds,
     .since = "2.4",
     .ss_name = "lastack",
     .brief = "time since the peer last acknowledged anything"},
    {.name = "pmtu",
     .key = "pmtu_bytes",
     .offset = 60,
     .unit = Unit::Bytes,
     .since = "2.4",
     .ss_name = "pmtu",
     .brief = "path MTU as the socket knows it"},
    {.name = "rcv_ssthresh",
     .key = "rcv_ssthresh_bytes",
     .offset = 64,
     .unit = Unit::Bytes,
     .since = "2.4",
     .ss_name = "rcv_ssthresh",
     .brief = "the most that our advertised window may be for now"},
    {.name = "rtt",
     .key = "rtt_us",
     .offset = 68,
     .unit = Unit::Microseconds,
     .since = "2.4",
     .ss_name = "rtt",
     .brief = "smoothed round-trip time"},
    {.name = "rttvar",
     .key = "rttvar_us",
     .offset = 72,
     .unit = Unit::Microseconds,
     .since = "2.4",
     .ss_name = "rtt",
     .brief = "mean deviation of the round-trip time"},
    {.name = "snd_ssthresh",
     .key = "snd_ssthresh_segments",
     .offset = 76,
     .unit = Unit::Segments,
     .since = "2.4",
     .special = kInfiniteThreshold,
     .ss_name = "ssthresh",
     .brief = "congestion window at which slow start ends"},
    {.name = "snd_cwnd",
     .key = "snd_cwnd_segments",
     .offset = 80,
     .unit = Unit::Segments,
     .since = "2.4",
     .ss_name = "cwnd",
     .brief = "congestion window: the most that may be in flight"},
    {.name = "advmss",
     .key = "advmss_bytes",
     .offset = 84,
     .unit = Unit::Bytes,
     .since = "2.4",
     .ss_name = "advmss",
     .brief = "segment size we asked the peer to keep to"},
    {.name = "reordering",
     .key = "reordering_segments",
     .offset = 88,
     .unit = Unit::Segments,
     .since = "2.4",
     .ss_name = "reordering",
     .brief = "how far segments may arrive out of order before one counts as lost"},
    {.name = "rcv_rtt",
     .key = "rcv_rtt_us",
     .offset = 92,
     .unit = Unit::Microseconds,
     .since = "2.6",
     .ss_name = "rcv_rtt",
     .brief = "round-trip time as the receiver estimates it; 0 until data has come in"},
    {.name = "rcv_space",
     .key = "rcv_space_bytes",
     .offset = 96,
     .unit = Unit::Bytes,
     .since = "2.6",
     .ss_name = "rcv_space",
     .brief = "bytes the application reads in a round trip: what receive autotuning goes by, not a buffer size"},
    {.name = "total_retrans",
     .key = "total_retrans_segments",
     .offset = 100,
     .unit = Unit::Segments,
     .since = "2.6.16",
     .ss_name = "retrans",
     .brief = "all retransmissions of this connection, SYNs included"},
    {.name = "pacing_rate",
     .key = "pacing_rate_bytes_per_s",
     .offset = 104,
     .width = 8,
     .unit = Unit::BytesPerSecond,
     .since = "3.15",
     .special = kUnlimited,
     .ss_name = "pacing_rate",
     .brief = "rate at which the sender spaces its segments"},
    {.name = "max_pacing_rate",
     .key = "max_pacing_rate_bytes_per_s",
     .offset = 112,
     .width = 8,
     .unit = Unit::BytesPerSecond,
     .since = "3.15",
     .special = kUnlimited,
     .ss_name = "pacing_rate",
     .brief = "ceiling of the pacing rate: SO_MAX_PACING_RATE"},
    {.name = "bytes_acked",
     .key = "bytes_acked",
     .offset = 120,
     .width = 8,
     .unit = Unit::Bytes,
     .since = "4.1",
     .ss_name = "bytes_acked",
     .brief = "payload the peer acknowledged; SYN and FIN count one each"},
    {.name = "bytes_received",
     .key = "bytes_received",
     .offset = 128,
     .width = 8,
     .unit = Unit::Bytes,
     .since = "4.1",
     .ss_name = "bytes_received",
     .brief = "payload received in order"},
    {.name = "segs_out",
     .key = "segs_out",
     .offset = 136,
     .unit = Unit::Segments,
     .since = "4.2",
     .ss_name = "segs_out",
     .brief = "segments sent, of every kind"},
    {.name = "segs_in",
     .key = "segs_in",
     .offset = 140,
     .unit = Unit::Segments,
     .since = "4.2",
     .ss_name = "segs_in",
     .brief = "segments received, of every kind"},
    {.name = "notsent_bytes",
     .key = "notsent_bytes",
     .offset = 144,
     .unit = Unit::Bytes,
     .since = "4.6",
     .ss_name = "notsent",
     .brief = "written by the application and not sent even once"},
    {.name = "min_rtt",
     .key = "min_rtt_us",
     .offset = 148,
     .unit = Unit::Microseconds,
     .since = "4.6",
     .special = kNoSample,
     .ss_name = "minrtt",
     .brief = "smallest round-trip time within the last net.ipv4.tcp_min_rtt_wlen seconds"},
    {.name = "data_segs_in",
     .key = "data_segs_in",
     .offset = 152,
     .unit = Unit::Segments,
     .since = "4.6",
     .ss_name = "data_segs_in",
     .brief = "segments received that carried payload"},
    {.name = "data_segs_out",
     .key = "data_segs_out",
     .offset = 156,
     .unit = Unit::Segments,
     .since = "4.6",
     .ss_name = "data_segs_out",
     .brief = "segments sent that carried payload, retransmissions included"},
    {.name = "delivery_rate",
     .key = "delivery_rate_bytes_per_s",
     .offset = 160,
     .width = 8,
     .unit = Unit::BytesPerSecond,
     .since = "4.9",
     .ss_name = "delivery_rate",
     .brief = "rate at which data recently reached the peer"},
    {.name = "busy_time",
     .key = "busy_time_us",
     .offset = 168,
     .width = 8,
     .unit = Unit::Microseconds,
     .since = "4.10",
     .ss_name = "busy",
     .brief = "time in all during which data was outstanding"},
    {.name = "rwnd_limited",
     .key = "rwnd_limited_us",
     .offset = 176,
     .width = 8,
     .unit = Unit::Microseconds,
     .since = "4.10",
     .ss_name = "rwnd_limited",
     .brief = "part of busy_time spent waiting for the peer's window to open"},
    {.name = "sndbuf_limited",
     .key = "sndbuf_limited_us",
     .offset = 184,
     .width = 8,
     .unit = Unit::Microseconds,
     .since = "4.10",
     .ss_name = "sndbuf_limited",
     .brief = "part of busy_time spent short of send buffer"},
    {.name = "delivered",
     .key = "delivered_segments",
     .offset = 192,
     .unit = Unit::Segments,
     .since = "4.18",
     .ss_name = "delivered",
     .brief = "segments that reached the peer, in whatever order"},
    {.name = "delivered_ce",
     .key = "delivered_ce_segments",
     .offset = 196,
     .unit = Unit::Segments,
     .since = "4.18",
     .ss_name = "delivered_ce",
     .brief = "those of the delivered for which the peer reported congestion (ECE)"},
    {.name = "bytes_sent",
     .key = "bytes_sent",
     .offset = 200,
     .width = 8,
     .unit = Unit::Bytes,
     .since = "4.19",
     .ss_name = "bytes_sent",
     .brief = "payload sent, retransmissions included"},
    {.name = "bytes_retrans",
     .key = "bytes_retrans",
     .offset = 208,
     .width = 8,
     .unit = Unit::Bytes,
     .since = "4.19",
     .ss_name = "bytes_retrans",
     .brief = "payload sent more than once"},
    {.name = "dsack_dups",
     .key = "dsack_dups",
     .offset = 216,
     .unit = Unit::Count,
     .since = "4.19",
     .ss_name = "dsack_dups",
     .brief = "duplicates the peer reported: retransmissions that were not needed"},
    {.name = "reord_seen",
     .key = "reord_seen",
     .offset = 220,
     .unit = Unit::Count,
     .since = "4.19",
     .ss_name = "reord_seen",
     .brief = "how often the path was seen to reorder our segments"},
    {.name = "rcv_ooopack",
     .key = "rcv_ooopack",
     .offset = 224,
     .unit = Unit::Packets,
     .since = "5.4",
     .ss_name = "rcv_ooopack",
     .brief = "packets that came in out of order"},
    {.name = "snd_wnd",
     .key = "snd_wnd_bytes",
     .offset = 228,
     .unit = Unit::Bytes,
     .since = "5.4",
     .ss_name = "snd_wnd",
     .brief = "window the peer advertised last, scale applied"},
    {.name = "rcv_wnd",
     .key = "rcv_wnd_bytes",
     .offset = 232,
     .unit = Unit::Bytes,
     .since = "6.2",
     .ss_name = "rcv_wnd",
     .brief = "our receive window as the kernel keeps it; without window scaling the peer is told less"},
    {.name = "rehash",
     .key = "rehash",
     .offset = 236,
     .unit = Unit::Count,
     .since = "6.2",
     .ss_name = "rehash",
     .brief = "how often the flow hash was changed in search of another path"},
    {.name = "total_rto",
     .key = "total_rto",
     .offset = 240,
     .width = 2,
     .unit = Unit::Count,
     .since = "6.7",
     .brief = "retransmission timeouts in all, those of the SYN included"},
    {.name = "total_rto_recoveries",
     .key = "total_rto_recoveries",
     .offset = 242,
     .width = 2,
     .unit = Unit::Count,
     .since = "6.7",
     .brief = "how often the connection had to recover from a timeout"},
    {.name = "total_rto_time",
     .key = "total_rto_time_ms",
     .offset = 244,
     .unit = Unit::Milliseconds,
     .since = "6.7",
     .brief = "time in all spent recovering from timeouts"},
    {.name = "received_ce",
     .key = "received_ce_segments",
     .offset = 248,
     .unit = Unit::Segments,
     .since = "6.18",
     .brief = "segments received with a congestion mark (Accurate ECN)"},
    {.name = "delivered_e1_bytes",
     .key = "delivered_e1_bytes",
     .offset = 252,
     .unit = Unit::Bytes,
     .since = "6.18",
     .brief = "payload the peer got marked ECT(1) (Accurate ECN)"},
    {.name = "delivered_e0_bytes",
     .key = "delivered_e0_bytes",
     .offset = 256,
     .unit = Unit::Bytes,
     .since = "6.18",
     .brief = "payload the peer got marked ECT(0) (Accurate ECN)"},
    {.name = "delivered_ce_bytes",
     .key = "delivered_ce_bytes",
     .offset = 260,
     .unit = Unit::Bytes,
     .since = "6.18",
     .brief = "payload the peer got with a congestion mark (Accurate ECN)"},
    {.name = "received_e1_bytes",
     .key = "received_e1_bytes",
     .offset = 264,
     .unit = Unit::Bytes,
     .since = "6.18",
     .brief = "payload received marked ECT(1) (Accurate ECN)"},
    {.name = "received_e0_bytes",
     .key = "received_e0_bytes",
     .offset = 268,
     .unit = Unit::Bytes,
     .since = "6.18",
     .brief = "payload received marked ECT(0) (Accurate ECN)"},
    {.name = "received_ce_bytes",
     .key = "received_ce_bytes",
     .offset = 272,
     .unit = Unit::Bytes,
     .since = "6.18",
     .brief = "payload received with a congestion mark (Accurate ECN)"},
});

constexpr std::size_t kUnstableFrom = 276;

constexpr std::size_t first_bit(const TcpInfoField& field) {
  return field.offset * std::size_t{8} + field.bit;
}

constexpr std::size_t end_bit(const TcpInfoField& field) {
  return first_bit(field) + (field.bits != 0 ? field.bits : field.width * std::size_t{8});
}

constexpr bool fits_its_word(const TcpInfoField& field) {
  const bool legal_width = field.width == 1 || field.width == 2 || field.width == 4 || field.width == 8;
  return legal_width && field.offset % field.width == 0 && field.bit + field.bits <= field.width * 8 &&
         (field.bits != 0 || field.bit == 0);
}

constexpr std::string_view key_suffix(Unit unit) {
  switch (unit) {
    case Unit::Microseconds:
      return "_us";
    case Unit::Milliseconds:
      return "_ms";
    case Unit::Seconds:
      return "_s";
    case Unit::Bytes:
      return "_bytes";
    case Unit::BytesPerSecond:
      return "_bytes_per_s";
    case Unit::Segments:
      return "_segments";
    default:
      return "";
  }
}

// The key is the name and its unit, unless the name says the unit already.
constexpr bool key_follows_rule(const TcpInfoField& field) {
  const bool says_unit =
      field.name.find("bytes") != std::string_view::npos || field.name.find("segs_") != std::string_view::npos;
  const std::string_view suffix = says_unit ? "" : key_suffix(field.unit);
  return field.key.size() == field.name.size() + suffix.size() && field.key.starts_with(field.name) &&
         field.key.ends_with(suffix);
}

constexpr bool named_as_its_kind_wants(const TcpInfoField& field) {
  const bool wants_names = field.kind == Enumeration || field.kind == Flags;
  return wants_names == !field.names.empty();
}

constexpr bool shares_a_name(const TcpInfoField& a, const TcpInfoField& b) {
  return a.name == b.name || a.name == b.key || a.key == b.name || a.key == b.key;
}

constexpr bool well_formed(std::span<const TcpInfoField> fields) {
  std::size_t taken = 0;  // bits below are taken, so rows are in order and do not overlap
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const TcpInfoField& field = fields[i];
    if (!fits_its_word(field) || !key_follows_rule(field) || !named_as_its_kind_wants(field)) return false;
    if (field.brief.empty() || field.since.empty() || first_bit(field) < taken) return false;
    for (const TcpInfoField& earlier : fields.first(i)) {
      if (shares_a_name(earlier, field)) return false;
    }
    taken = end_bit(field);
  }
  return taken <= kUnstableFrom * 8;
}

static_assert(well_formed(kFields));

}  // namespace

std::span<const TcpInfoField> tcp_info_fields() noexcept {
  return kFields;
}

const TcpInfoField* find_tcp_info_field(std::string_view spelling) noexcept {
  constexpr std::string_view kPrefix = "tcpi_";
  if (same_spelling(spelling.substr(0, kPrefix.size()), kPrefix)) spelling.remove_prefix(kPrefix.size());
  for (const TcpInfoField& field : kFields) {
    if (field.name == spelling || field.key == spelling) return &field;
  }
  for (const TcpInfoField& field : kFields) {
    if (same_spelling(field.name, spelling) || same_spelling(field.key, spelling)) return &field;
  }
  return nullptr;
}

}  // namespace tcpkit
