#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

#include <tcpkit/report/connection.hpp>

#include "support/snapshot_builder.hpp"

namespace tcpkit::test {

/// What gather_facts() would find, had it asked a socket that looks like this.
inline ConnectionFacts facts_of(const SnapshotBuilder& builder, SysctlValues& sysctls,
                                std::initializer_list<std::string_view> settings = {}) {
  constexpr HostFacts kHost{2304, 4608, 4000};
  std::vector<Setting> asked;
  for (const std::string_view text : settings) asked.push_back(*parse_setting(text));
  ConnectionFacts facts;
  facts.snapshot = builder.build();
  facts.outcomes = judge(asked, facts.snapshot, kHost, sysctls);
  facts.origins = trace(facts.snapshot, &facts.snapshot, facts.outcomes, sysctls);
  facts.negotiated = negotiated(facts.snapshot, sysctls);
  facts.limits = find_limits(facts.snapshot, sysctls);
  return facts;
}

/// A connection as it comes from connect(2).
inline SnapshotBuilder usual_connection() {
  SnapshotBuilder builder;
  builder.set("SO_RCVBUF", 131072).set("SO_SNDBUF", 16384).set("SO_BUF_LOCK", 0).set("SO_KEEPALIVE", Value(false));
  builder.set("TCP_NODELAY", Value(false)).set("TCP_CORK", Value(false)).set("TCP_USER_TIMEOUT", 0);
  builder.set("TCP_SYNCNT", 6).set("TCP_KEEPIDLE", 7200).set("TCP_KEEPINTVL", 75).set("TCP_KEEPCNT", 9);
  builder.set("SO_LINGER", Structure{{"onoff", 0}, {"linger", 0}}).set("TCP_CONGESTION", Value(std::string("cubic")));
  builder.unreadable("SO_RCVBUFFORCE", "write-only").unreadable("SO_ERROR", "consuming read");
  builder.field("options", kTimestampsOn | kSackOn | kScalingOn).field("snd_wscale", 7).field("rcv_wscale", 10);
  builder.field("rto", 204'000).field("rtt", 30'000).field("min_rtt", 20'000).field("snd_mss", 1448);
  builder.field("advmss", 1460).field("pmtu", 1500).field("rcv_ssthresh", 65'536).field("snd_wnd", 65'536);
  return builder;
}

}  // namespace tcpkit::test
