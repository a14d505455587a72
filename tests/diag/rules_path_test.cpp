#include "diag/scene.hpp"
#include "support/catch.hpp"

namespace tcpkit::test {
namespace {

/// A connection over Ethernet that has sent a megabyte.
Scene busy_connection() {
  Scene scene = healthy_connection();
  scene.peer(far_peer()).option("IP_MTU_DISCOVER", 1).option("TCP_TX_DELAY", 0);
  scene.info("options", kTimestampsOn | kSackOn | kScalingOn).info("snd_wnd", 3'000'000);
  scene.info("snd_mss", 1448).info("advmss", 1448).info("pmtu", 1500).info("rto", 230'000);
  scene.info("bytes_sent", 1'000'000).info("bytes_acked", 1'000'001).info("delivered", 692);
  scene.sysctl("net.ipv4.tcp_early_retrans", 3).sysctl("net.ipv4.tcp_mtu_probing", 0);
  scene.rest.egress_qdisc = "fq_codel";
  return scene;
}

Scene sent_again(std::uint64_t bytes) {
  return busy_connection().info("bytes_retrans", bytes);
}

/// It has met timeouts and gone on.
Scene after_timeouts() {
  return busy_connection().info("total_rto", 2).info("bytes_retrans", 2896);
}

Scene segments(std::uint64_t mss, std::uint64_t advmss, std::uint64_t pmtu) {
  return busy_connection().info("snd_mss", mss).info("advmss", advmss).info("pmtu", pmtu);
}

/// A request of 400 bytes was answered; 5 kB that followed were not.
Scene silent_after_small() {
  Scene scene = busy_connection();
  scene.info("bytes_acked", 401).info("delivered", 2).info("bytes_sent", 400 + 5000 + 4 * 1448);
  scene.info("bytes_retrans", 4 * 1448).info("backoff", 4).info("rto", 3'680'000).info("last_ack_recv", 4'000);
  scene.info("last_data_recv", 60'000);
  return scene;
}

Scene delayed(std::string_view qdisc) {
  Scene scene = busy_connection().option("TCP_TX_DELAY", 20'000);
  scene.rest.egress_qdisc = qdisc;
  return scene;
}

std::string why(const Scene& scene, std::string_view id) {
  return found(scene, id).why;
}

std::string remedy(const Scene& scene, std::string_view id) {
  return found(scene, id).remedy;
}

Severity severity(const Scene& scene, std::string_view id) {
  return found(scene, id).severity;
}

}  // namespace

std::vector<RuleCase> path_cases() {
  return {
      {"F25", sent_again(14'481), sent_again(14'480)},
      {"F26", after_timeouts().sysctl("net.ipv4.tcp_early_retrans", 0), after_timeouts()},
      // with 12 bytes of options 70 % of 1448 or more
      {"F27", segments(1001, 1448, 1500), segments(1002, 1448, 1500)},
      {"F28", silent_after_small().info("backoff", 3), silent_after_small().info("backoff", 2)},
      {"F29", delayed("fq_codel"), delayed("fq")},
  };
}

TEST_CASE("nothing is wrong with a path that carries a megabyte with a lost segment in it") {
  const Diagnosis diagnosis = sent_again(1448).diagnose();
  for (const std::string_view id : {"F25", "F26", "F27", "F28", "F29"}) {
    INFO(id);
    CHECK(finding(diagnosis, id) == nullptr);
    CHECK(unchecked(diagnosis, id) == nullptr);
  }
}

TEST_CASE("a few long segments sent again are no rate of loss") {
  Scene scene = sent_again(10 * 32'741).info("snd_mss", 32'741).info("advmss", 65'483).info("pmtu", 65'535);
  CHECK_FALSE(finds(scene, "F25"));
  CHECK(finds(scene.info("bytes_retrans", 10 * 32'741 + 1), "F25"));
  CHECK_FALSE(finds(sent_again(50'000).info("bytes_sent", 100'000), "F25"));
}

TEST_CASE("a hundredth of much is the least rate of retransmissions") {
  CHECK(finds(sent_again(100'001).info("bytes_sent", 10'000'000), "F25"));
  CHECK_FALSE(finds(sent_again(100'000).info("bytes_sent", 10'000'000), "F25"));
}

TEST_CASE("on loopback retransmissions are noted, and no path is blamed for them") {
  const Scene loopback = sent_again(50'000).peer(Endpoint::ipv4_loopback(80));
  CHECK(severity(loopback, "F25") == Severity::Note);
  CHECK(says(why(loopback, "F25"), "a busy host"));
  Scene own_address = sent_again(50'000);
  own_address.local(far_peer());
  CHECK(severity(own_address, "F25") == Severity::Note);
  CHECK(severity(sent_again(50'000), "F25") == Severity::Warning);
}

TEST_CASE("retransmissions are those of the interval, not of the connection's life") {
  Scene scene = sent_again(50'000).before("bytes_retrans", 49'000).before("bytes_sent", 0).before("dsack_dups", 0);
  CHECK_FALSE(finds(scene, "F25"));
}

TEST_CASE("retransmissions that the peer had no need of are told from lost segments") {
  CHECK(says(why(sent_again(20'000), "F25"), "segments were lost"));
  const Scene spurious = sent_again(20'000).info("dsack_dups", 7);
  CHECK(says(why(spurious, "F25"), "for nothing"));
  CHECK(says(remedy(spurious, "F25"), "reorders"));
  CHECK(says(remedy(spurious, "F25"), "tcp_rto_min_us"));
  CHECK(says(why(sent_again(20'000).info("dsack_dups", 6), "F25"), "segments were lost"));
}

TEST_CASE("slow recovery names what is off, and on whose side") {
  CHECK(says(remedy(after_timeouts().sysctl("net.ipv4.tcp_early_retrans", 0), "F26"),
             "sysctl -w net.ipv4.tcp_early_retrans=3"));
  const Scene no_sack = after_timeouts().info("options", kTimestampsOn | kScalingOn);
  CHECK(says(remedy(no_sack, "F26"), "at the peer"));
  Scene off_here = no_sack;
  off_here.sysctl("net.ipv4.tcp_sack", Value(false));
  CHECK(says(remedy(off_here, "F26"), "sysctl -w net.ipv4.tcp_sack=1"));
}

TEST_CASE("timeouts of the SYN, and of a peer that is still silent, were not to be avoided") {
  const Scene off = after_timeouts().sysctl("net.ipv4.tcp_early_retrans", 0);
  Scene of_syn = off;
  CHECK_FALSE(finds(of_syn.info("bytes_retrans", 0), "F26"));
  Scene silent = off;
  CHECK_FALSE(finds(silent.info("backoff", 1), "F26"));
}

TEST_CASE("the bound of a small segment is named") {
  CHECK(says(why(segments(548, 1448, 600), "F27"), "path MTU of 600 bounds"));
  CHECK(says(remedy(segments(548, 1448, 600), "F27"), "tracepath 192.0.2.7 shows"));
  CHECK(says(why(segments(988, 1448, 1500), "F27"), "the peer's MSS"));
  const Scene asked = segments(488, 488, 1500).ask("maxseg=500");
  CHECK(says(why(asked, "F27"), "-o maxseg=500 bounds"));
  CHECK(says(remedy(asked, "F27"), "leave out -o maxseg=500"));
  CHECK(says(why(segments(488, 1388, 1500).ask("maxseg=1400"), "F27"), "the peer's MSS"));
  CHECK(says(why(segments(488, 1388, 1500).ask("maxseg=0"), "F27"), "the peer's MSS"));
}

TEST_CASE("segments that a path is usually bound to are not small") {
  CHECK_FALSE(finds(segments(1228, 1228, 1280), "F27"));        // the least MTU of IPv6
  CHECK_FALSE(finds(segments(1448, 8948, 9000), "F27"));        // jumbo frames here, Ethernet there
  CHECK_FALSE(finds(segments(1448, 8948, 1500), "F27"));        // and a router that said so
  CHECK_FALSE(finds(segments(32'741, 65'483, 65'535), "F27"));  // loopback: half of the peer's window
  CHECK_FALSE(finds(segments(21'888, 65'483, 65'535), "F27"));
  CHECK_FALSE(finds(segments(900, 65'483, 65'535).info("snd_wnd", 1800), "F27"));
  CHECK_FALSE(finds(segments(576, 65'483, 65'535).info("snd_wnd", 0), "F27"));
  CHECK(finds(segments(900, 65'483, 65'535).info("snd_wnd", 1802), "F27"));
  CHECK_FALSE(finds(segments(524, 65'483, 65'535).info("state", 2), "F27"));  // SYN-SENT: the peer has said nothing
}

TEST_CASE("a black hole is told from a dead peer only when the peer has been heard from") {
  const Scene dead = silent_after_small();
  CHECK(severity(dead, "F28") == Severity::Warning);
  CHECK(says(why(dead, "F28"), "ping 192.0.2.7 is answered and ping -M do -s 1472 192.0.2.7 is not"));
  CHECK(says(why(dead, "F28"), "A peer or path that died looks the same"));
  Scene alive = silent_after_small().info("last_ack_recv", 2'759);
  CHECK(severity(alive, "F28") == Severity::Error);
  CHECK(says(why(alive, "F28"), "1500 bytes vanish"));
  CHECK(says(why(alive, "F28"), "sent again 4 times"));
  CHECK(severity(alive.info("last_ack_recv", 2'760), "F28") == Severity::Warning);
  CHECK(severity(silent_after_small().info("last_data_recv", 2'759), "F28") == Severity::Error);
  CHECK(says(remedy(dead, "F28"), "tcp_mtu_probing=1"));
}

TEST_CASE("silence that large packets do not explain is no black hole") {
  CHECK_FALSE(finds(silent_after_small().sysctl("net.ipv4.tcp_mtu_probing", 1), "F28"));
  CHECK_FALSE(finds(silent_after_small().option("IP_MTU_DISCOVER", 0), "F28"));  // may be fragmented
  CHECK_FALSE(finds(silent_after_small().info("snd_mss", 1000), "F28"));         // fills no packet
  CHECK_FALSE(finds(silent_after_small().info("pmtu", 1280).info("snd_mss", 1228), "F28"));
  CHECK_FALSE(finds(silent_after_small().info("bytes_acked", 1), "F28"));                     // nothing ever arrived
  CHECK_FALSE(finds(silent_after_small().info("bytes_sent", 400 + 1447 + 4 * 1448), "F28"));  // less than a segment
  // A bulk transfer whose full segments arrived, until the peer died.
  CHECK_FALSE(
      finds(silent_after_small().info("bytes_acked", 14'481).info("delivered", 11).info("bytes_sent", 40'000), "F28"));
}

TEST_CASE("TCP_TX_DELAY is not blamed on a queue that may hold packets until their time") {
  for (const std::string_view qdisc : {"fq", "etf", "mq", "htb", "noqueue", "netem", "some-new-one"}) {
    INFO(qdisc);
    CHECK_FALSE(finds(delayed(qdisc), "F29"));
  }
  CHECK(finds(delayed("noqueue").peer(Endpoint::ipv4_loopback(80)), "F29"));
  CHECK_FALSE(finds(delayed("fq_codel").option("TCP_TX_DELAY", 0), "F29"));
  CHECK(says(why(delayed("pfifo_fast"), "F29"), "pfifo_fast sends at once"));
  CHECK(says(why(delayed("pfifo_fast"), "F29"), "20 ms"));
  CHECK(says(remedy(delayed("pfifo_fast").ask("tx-delay=20ms"), "F29"), "leave out -o tx-delay=20ms"));
}

}  // namespace tcpkit::test
