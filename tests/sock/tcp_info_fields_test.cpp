#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <set>
#include <string_view>

#include <tcpkit/sock/tcp_info.hpp>

#include "support/catch.hpp"

using namespace tcpkit;

namespace {

// struct tcp_info of include/uapi/linux/tcp.h up to 6.18, in the order of its members: the compiler says where they
// lie.
struct KernelTcpInfo {
  std::uint8_t state, ca_state, retransmits, probes, backoff, options;
  std::uint8_t wscales, bits;
  std::uint32_t rto, ato, snd_mss, rcv_mss, unacked, sacked, lost, retrans, fackets, last_data_sent, last_ack_sent,
      last_data_recv, last_ack_recv, pmtu, rcv_ssthresh, rtt, rttvar, snd_ssthresh, snd_cwnd, advmss, reordering,
      rcv_rtt, rcv_space, total_retrans;
  std::uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
  std::uint32_t segs_out, segs_in, notsent_bytes, min_rtt, data_segs_in, data_segs_out;
  std::uint64_t delivery_rate, busy_time, rwnd_limited, sndbuf_limited;
  std::uint32_t delivered, delivered_ce;
  std::uint64_t bytes_sent, bytes_retrans;
  std::uint32_t dsack_dups, reord_seen, rcv_ooopack, snd_wnd, rcv_wnd, rehash;
  std::uint16_t total_rto, total_rto_recoveries;
  std::uint32_t total_rto_time, received_ce, delivered_e1_bytes, delivered_e0_bytes, delivered_ce_bytes,
      received_e1_bytes, received_e0_bytes, received_ce_bytes;
  std::uint16_t accecn_fail_mode, accecn_opt_seen;
};

#define MEMBER(name) \
  { #name, offsetof(KernelTcpInfo, name), sizeof(KernelTcpInfo::name) }

struct Place {
  std::string_view name;
  std::size_t offset;
  std::size_t width;
};

constexpr Place kMembers[] = {MEMBER(state),
                              MEMBER(ca_state),
                              MEMBER(retransmits),
                              MEMBER(probes),
                              MEMBER(backoff),
                              MEMBER(options),
                              MEMBER(rto),
                              MEMBER(ato),
                              MEMBER(snd_mss),
                              MEMBER(rcv_mss),
                              MEMBER(unacked),
                              MEMBER(sacked),
                              MEMBER(lost),
                              MEMBER(retrans),
                              MEMBER(fackets),
                              MEMBER(last_data_sent),
                              MEMBER(last_ack_sent),
                              MEMBER(last_data_recv),
                              MEMBER(last_ack_recv),
                              MEMBER(pmtu),
                              MEMBER(rcv_ssthresh),
                              MEMBER(rtt),
                              MEMBER(rttvar),
                              MEMBER(snd_ssthresh),
                              MEMBER(snd_cwnd),
                              MEMBER(advmss),
                              MEMBER(reordering),
                              MEMBER(rcv_rtt),
                              MEMBER(rcv_space),
                              MEMBER(total_retrans),
                              MEMBER(pacing_rate),
                              MEMBER(max_pacing_rate),
                              MEMBER(bytes_acked),
                              MEMBER(bytes_received),
                              MEMBER(segs_out),
                              MEMBER(segs_in),
                              MEMBER(notsent_bytes),
                              MEMBER(min_rtt),
                              MEMBER(data_segs_in),
                              MEMBER(data_segs_out),
                              MEMBER(delivery_rate),
                              MEMBER(busy_time),
                              MEMBER(rwnd_limited),
                              MEMBER(sndbuf_limited),
                              MEMBER(delivered),
                              MEMBER(delivered_ce),
                              MEMBER(bytes_sent),
                              MEMBER(bytes_retrans),
                              MEMBER(dsack_dups),
                              MEMBER(reord_seen),
                              MEMBER(rcv_ooopack),
                              MEMBER(snd_wnd),
                              MEMBER(rcv_wnd),
                              MEMBER(rehash),
                              MEMBER(total_rto),
                              MEMBER(total_rto_recoveries),
                              MEMBER(total_rto_time),
                              MEMBER(received_ce),
                              MEMBER(delivered_e1_bytes),
                              MEMBER(delivered_e0_bytes),
                              MEMBER(delivered_ce_bytes),
                              MEMBER(received_e1_bytes),
                              MEMBER(received_e0_bytes),
                              MEMBER(received_ce_bytes)};

#undef MEMBER

}  // namespace

TEST_CASE("every whole field lies where the kernel's declaration puts it") {
  STATIC_REQUIRE(sizeof(KernelTcpInfo) == 280);
  std::size_t whole_fields = 0;
  for (const TcpInfoField& field : tcp_info_fields()) {
    if (field.bits != 0) continue;
    INFO(field.name);
    const auto member = std::ranges::find(kMembers, field.name, &Place::name);
    REQUIRE(member != std::end(kMembers));
    CHECK(field.offset == member->offset);
    CHECK(field.width == member->width);
    ++whole_fields;
  }
  CHECK(whole_fields == std::size(kMembers));
}

TEST_CASE("the TCP_INFO fields are in the order of their offsets and do not overlap") {
  std::size_t taken = 0;
  for (const TcpInfoField& field : tcp_info_fields()) {
    INFO(field.name);
    const std::size_t first = field.offset * std::size_t{8} + field.bit;
    CHECK(first >= taken);
    taken = first + (field.bits != 0 ? field.bits : field.width * std::size_t{8});
  }
  CHECK(taken == 276 * 8);
}

TEST_CASE("a TCP_INFO field is found by name, by key and with the kernel's prefix") {
  const TcpInfoField* rtt = find_tcp_info_field("rtt");
  REQUIRE(rtt != nullptr);
  CHECK(rtt->offset == 68);
  CHECK(rtt->key == "rtt_us");
  CHECK(find_tcp_info_field("rtt_us") == rtt);
  CHECK(find_tcp_info_field("tcpi_rtt") == rtt);
  CHECK(find_tcp_info_field("tcpi_rtt_us") == rtt);
  CHECK(find_tcp_info_field("") == nullptr);
  CHECK(find_tcp_info_field("tcpi_") == nullptr);
  CHECK(find_tcp_info_field("RTT") == find_tcp_info_field("rtt"));
  CHECK(find_tcp_info_field("TCPI_SND_CWND") == find_tcp_info_field("snd_cwnd"));
  CHECK(find_tcp_info_field("rt") == nullptr);
}

TEST_CASE("every TCP_INFO field is found by its name and by its key, and no other shares them") {
  std::multiset<std::string_view> spellings;
  for (const TcpInfoField& field : tcp_info_fields()) {
    CHECK(find_tcp_info_field(field.name) == &field);
    CHECK(find_tcp_info_field(field.key) == &field);
    spellings.insert(field.name);
    if (field.key != field.name) spellings.insert(field.key);
  }
  for (const std::string_view spelling : spellings) CHECK(spellings.count(spelling) == 1);
}

TEST_CASE("a key carries the unit unless the name does") {
  const auto key = [](const char* name) { return find_tcp_info_field(name)->key; };
  CHECK(key("snd_mss") == "snd_mss_bytes");
  CHECK(key("pacing_rate") == "pacing_rate_bytes_per_s");
  CHECK(key("last_data_sent") == "last_data_sent_ms");
  CHECK(key("snd_cwnd") == "snd_cwnd_segments");
  CHECK(key("total_retrans") == "total_retrans_segments");
  CHECK(key("bytes_acked") == "bytes_acked");
  CHECK(key("notsent_bytes") == "notsent_bytes");
  CHECK(key("data_segs_in") == "data_segs_in");
  CHECK(key("delivered_ce") == "delivered_ce_segments");
  CHECK(key("delivered_ce_bytes") == "delivered_ce_bytes");
  CHECK(key("snd_wscale") == "snd_wscale");
  CHECK(key("state") == "state");
}

TEST_CASE("the bytes whose layout differs between kernels have no field") {
  CHECK(find_tcp_info_field("accecn_fail_mode") == nullptr);
  CHECK(find_tcp_info_field("accecn_opt_seen") == nullptr);
}

TEST_CASE("every TCP_INFO field says what it is in one plain line") {
  for (const TcpInfoField& field : tcp_info_fields()) {
    INFO(field.name);
    CHECK_FALSE(field.brief.empty());
    CHECK(std::ranges::all_of(field.brief, [](char c) { return c >= ' ' && c <= '~'; }));
    CHECK_FALSE(field.since.empty());
  }
}
