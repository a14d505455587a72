#include "net/path_sample.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace tcpkit {
namespace {

using Number = std::optional<std::uint64_t>;

Number sum(const PathSample& sample, std::string_view field) {
  std::uint64_t total = 0;
  for (const PathSample::Asked& asked : sample.connections) {
    const Number value = asked.info.get(field);
    if (!value) return std::nullopt;
    total += *value;
  }
  return sample.connections.empty() ? std::nullopt : Number(total);
}

Number mean(const PathSample& sample, std::string_view field) {
  const Number total = sum(sample, field);
  return total ? Number(*total / sample.connections.size()) : std::nullopt;
}

Number largest(const PathSample& sample, std::string_view field) {
  Number most;
  for (const PathSample::Asked& asked : sample.connections) most = std::max(most, asked.info.get(field));
  return most;
}

/// Both are in the order of the connections' numbers.
PathSample those_also_in(const PathSample& sample, const PathSample& other) {
  PathSample both;
  std::ranges::set_intersection(sample.connections, other.connections, std::back_inserter(both.connections), {},
                                &PathSample::Asked::number, &PathSample::Asked::number);
  return both;
}

Number growth(const PathSample& before, const PathSample& after, std::string_view field) {
  const Number last = sum(after, field);
  const Number first = before.connections.empty() ? Number(0) : sum(before, field);
  return first && last && *last >= *first ? Number(*last - *first) : std::nullopt;
}

/// SO_MAX_PACING_RATE of all together; nothing where a connection has no limit.
Number pacing_limit(const PathSample& sample) {
  for (const PathSample::Asked& asked : sample.connections) {
    if (asked.info.get("max_pacing_rate").value_or(UINT64_MAX) == UINT64_MAX) return std::nullopt;
  }
  return sum(sample, "max_pacing_rate");
}

bool paced(const PathSample& sample, const PathNumbers& path) {
  const Number limit = pacing_limit(sample);
  return limit && path.delivery_rate_bytes_per_s && *path.delivery_rate_bytes_per_s * 5 >= *limit * 4;
}

/// The kernel starts its clock of the send buffer where segments leave (net/ipv4/tcp_output.c, tcp_cwnd_validate()): a
/// buffer of one segment, full only after that one left, never starts it.
Limiter most_looks_found(const WindowLooks& looks) {
  if (looks.looks == 0) return Limiter::Processor;
  if (looks.full * 2 >= looks.looks) return Limiter::CongestionWindow;
  return looks.buffer_full * 2 >= looks.looks ? Limiter::SendBuffer : Limiter::Processor;
}

/// Shares are of the time with data on its way, tcpi_busy_time; a third is enough to name the larger of two brakes.
Limiter find_limiter(const PathSample& sample, const PathNumbers& path, bool requests, const WindowLooks& looks) {
  if (!path.busy_us || *path.busy_us == 0 || !path.rwnd_limited_us || !path.sndbuf_limited_us) return Limiter::Unknown;
  const std::uint64_t worst = std::max(*path.rwnd_limited_us, *path.sndbuf_limited_us);
  if (worst * 3 >= *path.busy_us) {
    return *path.rwnd_limited_us == worst ? Limiter::PeerWindow : Limiter::SendBuffer;
  }
  if (requests) return Limiter::Application;
  if (paced(sample, path)) return Limiter::Pacing;
  return most_looks_found(looks);
}

}  // namespace

bool window_is_full(const TcpInfo& info) {
  const auto number = [&](std::string_view field) { return info.get(field).value_or(0); };
  const std::uint64_t left_the_path = number("sacked") + number("lost");
  const std::uint64_t in_flight = number("unacked") + number("retrans");
  return in_flight >= left_the_path && in_flight - left_the_path >= number("snd_cwnd") && number("snd_cwnd") > 0;
}

PathNumbers path_between(const PathSample& before, const PathSample& after, bool requests, const WindowLooks& looks) {
  const PathSample begun = those_also_in(before, after);
  PathNumbers path;
  path.connections = after.connections.size();
  path.rtt_us = mean(after, "rtt");
  path.rtt_max_us = largest(after, "rtt");
  path.cwnd = mean(after, "snd_cwnd");
  path.delivery_rate_bytes_per_s = sum(after, "delivery_rate");
  path.retransmits = growth(begun, after, "total_retrans");
  path.busy_us = growth(begun, after, "busy_time");
  path.rwnd_limited_us = growth(begun, after, "rwnd_limited");
  path.sndbuf_limited_us = growth(begun, after, "sndbuf_limited");
  path.limiter = find_limiter(after, path, requests, looks);
  return path;
}

}  // namespace tcpkit
