#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <tcpkit/net/load.hpp>
#include <tcpkit/sock/tcp_info.hpp>

namespace tcpkit {

/// TCP_INFO of some connections at one moment; those that could not be asked are left out.
struct PathSample {
  struct Asked {
    std::uint64_t number;  ///< tells a connection from all others of a run
    TcpInfo info;
  };
  std::vector<Asked> connections;
};

/// How often a look at a connection found its congestion window full, or else its send buffer, with all of it in
/// flight.
struct WindowLooks {
  std::uint64_t looks = 0;
  std::uint64_t full = 0;
  std::uint64_t buffer_full = 0;
};

/// Whether as many segments are in flight as the congestion window allows. net/ipv4/tcp.h, tcp_packets_in_flight().
bool window_is_full(const TcpInfo& info);

/// What happened between two samples. A connection that only the later one has was opened meanwhile. `requests`: the
/// sender waits for replies by itself.
PathNumbers path_between(const PathSample& before, const PathSample& after, bool requests, const WindowLooks& looks);

}  // namespace tcpkit
