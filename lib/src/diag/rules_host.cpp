#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

#include "diag/evidence.hpp"
#include "diag/inputs.hpp"
#include "diag/rule_groups.hpp"
#include "sock/snapshot_facts.hpp"

namespace tcpkit {
namespace {

constexpr std::array kPortInputs{observed("time_wait_to_peer"), sysctl("net.ipv4.ip_local_port_range", 0),
                                 sysctl("net.ipv4.ip_local_port_range", 1), sysctl("net.ipv4.tcp_tw_reuse"),
                                 helpful(info("options"))};
/// TIME_WAIT lasts a minute: with a fifth of the ports left, a quarter more connections a minute uses them up.
constexpr std::uint64_t kManyPercent = 80;
/// Open connections have most of what is left: connect() searches long, and fails with EADDRNOTAVAIL.
constexpr std::uint64_t kMostPercent = 95;
constexpr int kTimeWaitSeconds = 60;  // TCP_TIMEWAIT_LEN of include/net/tcp.h

/// IP_LOCAL_PORT_RANGE narrows the sysctl's for the socket; 0 at either end leaves that end alone.
std::uint64_t ports_to_choose_from(const Inputs& inputs) {
  std::int64_t first = inputs.sysctl("net.ipv4.ip_local_port_range", 0);
  std::int64_t last = inputs.sysctl("net.ipv4.ip_local_port_range", 1);
  const OptionReading& own = reading(inputs.observation().snapshot, "IP_LOCAL_PORT_RANGE");
  const auto* range = own.value ? std::get_if<Numbers>(&*own.value) : nullptr;
  if (range != nullptr && range->size() == 2) {
    if ((*range)[0] != 0) first = std::max(first, (*range)[0]);
    if ((*range)[1] != 0) last = std::min(last, (*range)[1]);
  }
  return last < first ? 1 : static_cast<std::uint64_t>(last - first + 1);
}

/// Of the connection, of the one at the beginning where that has ended (each request has its own), or as a rule.
bool has_timestamps(const Observation& seen) {
  std::optional<std::uint64_t> agreed = info_number(seen.snapshot, "options");
  if (!agreed && seen.info_before) agreed = seen.info_before->get("options");
  return (agreed.value_or(kTimestampsAgreed) & kTimestampsAgreed) != 0;
}

/// ip-sysctl tcp_tw_reuse: a port in TIME_WAIT for a second or more is taken all the same. It needs timestamps.
bool reuses_time_wait(const Inputs& inputs) {
  constexpr std::int64_t kAlways = 1;
  constexpr std::int64_t kLoopback = 2;
  const std::int64_t reuse = inputs.sysctl("net.ipv4.tcp_tw_reuse");
  const bool meant = reuse == kAlways || (reuse == kLoopback && is_loopback(inputs.observation().snapshot.peer));
  return meant && has_timestamps(inputs.observation());
}

std::optional<Symptom> ports_in_time_wait(const Inputs& inputs) {
  const std::uint64_t waiting = *inputs.observation().time_wait_to_peer;
  const std::uint64_t ports = ports_to_choose_from(inputs);
  if (waiting * 100 <= ports * kManyPercent) return std::nullopt;
  Symptom symptom;
  symptom.evidence = {count_of("time_wait_to_peer", waiting), count_of("ports", ports),
                      percent_of("ports_used", waiting * 100 / ports),
                      count_of("net.ipv4.tcp_tw_reuse", inputs.sysctl("net.ipv4.tcp_tw_reuse"))};
  symptom.why = fmt::format(
      "{} of {} local ports are in TIME_WAIT towards {}, each for {} s: more than {} new connections/s to it cannot "
      "last.",
      waiting, ports, inputs.observation().snapshot.peer.text(), kTimeWaitSeconds, ports / kTimeWaitSeconds);
  if (reuses_time_wait(inputs)) {
    symptom.severity = Severity::Note;
    symptom.why += fmt::format(" net.ipv4.tcp_tw_reuse = {} lets them be used again after a second.",
                               inputs.sysctl("net.ipv4.tcp_tw_reuse"));
  } else if (waiting * 100 > ports * kMostPercent) {
    symptom.severity = Severity::Error;
  }
  return symptom;
}

constexpr std::array kMemoryInputs{observed("tcp_memory_pages"), sysctl("net.ipv4.tcp_mem", 1),
                                   sysctl("net.ipv4.tcp_mem", 2), helpful(counter("TCPMemoryPressures"))};

/// Not by PruneCalled, RcvPruned or TCPRcvQDrop: those also count single sockets whose own buffer is small.
std::optional<Symptom> memory_pressure(const Inputs& inputs) {
  const std::uint64_t pages = *inputs.observation().tcp_memory_pages;
  const auto pressure = static_cast<std::uint64_t>(inputs.sysctl("net.ipv4.tcp_mem", 1));
  const auto limit = static_cast<std::uint64_t>(inputs.sysctl("net.ipv4.tcp_mem", 2));
  const std::uint64_t times = inputs.counter_if_any("TCPMemoryPressures").value_or(0);
  if (pages <= pressure && times == 0) return std::nullopt;
  Symptom symptom;
  symptom.evidence = {number_of("tcp_memory", pages, Unit::Pages), number_of("pressure_from", pressure, Unit::Pages),
                      number_of("limit", limit, Unit::Pages), count_of("TCPMemoryPressures", times)};
  symptom.why = pages > pressure
                    ? fmt::format(
                          "TCP holds {} pages, and from {} on (net.ipv4.tcp_mem[1]) the kernel shrinks the windows and "
                          "buffers of all sockets of this host.",
                          pages, pressure)
                    : fmt::format(
                          "TCP holds {} pages now, but went past net.ipv4.tcp_mem[1] = {} meanwhile, where the kernel "
                          "shrinks the windows and buffers of all sockets of this host.",
                          pages, pressure);
  if (pages > limit) {
    symptom.severity = Severity::Error;
    symptom.why += fmt::format(" Beyond {} (net.ipv4.tcp_mem[2]) it drops what arrives.", limit);
  }
  return symptom;
}

constexpr std::array kReaderInputs{option("SO_MEMINFO", "rmem_alloc"), option("SO_MEMINFO", "rcvbuf"),
                                   info("last_data_recv")};
/// A reader that merely is slower than its sender empties the buffer many times in this time, and the window opens.
constexpr std::uint64_t kLeastStalledMs = 200;
/// Where the kernel does not tell the window (before 6.2). With a small buffer it closes well below that.
constexpr std::int64_t kFullPercent = 90;

bool window_is_closed(const Inputs& inputs) {
  const std::int64_t waiting = inputs.option("SO_MEMINFO", "rmem_alloc");
  const auto window = info_number(inputs.observation().snapshot, "rcv_wnd");
  if (window) return *window == 0 && waiting > 0;
  return waiting * 100 > inputs.option("SO_MEMINFO", "rcvbuf") * kFullPercent;
}

std::optional<Symptom> reader_stalls(const Inputs& inputs) {
  const std::uint64_t stalled_ms = inputs.info("last_data_recv");
  if (stalled_ms < kLeastStalledMs || !window_is_closed(inputs)) return std::nullopt;
  const std::int64_t waiting = inputs.option("SO_MEMINFO", "rmem_alloc");
  const std::int64_t buffer = inputs.option("SO_MEMINFO", "rcvbuf");
  return Symptom{
      .evidence = {bytes_of("rmem_alloc", waiting), bytes_of("rcvbuf", buffer),
                   number_of("last_data_recv", stalled_ms, Unit::Milliseconds)},
      .why = fmt::format("The receive buffer of {} is full and nothing has come in for {}: this program does not "
                         "read, and the peer may send nothing.",
                         format_bytes(static_cast<std::uint64_t>(buffer)),
                         format_duration(std::chrono::milliseconds(stalled_ms)))};
}

constexpr std::array kMetricsInputs{sysctl("net.ipv4.tcp_no_metrics_save"), observed("ours")};

/// tcpkit's own sockets are watched over an interval, or timed, only to measure.
bool is_measurement(const Observation& seen) {
  return seen.requests || (seen.ours && seen.info_before);
}

std::optional<Symptom> metrics_remembered(const Inputs& inputs) {
  const std::int64_t off = inputs.sysctl("net.ipv4.tcp_no_metrics_save");
  if (off != 0 || !is_measurement(inputs.observation())) return std::nullopt;
  return Symptom{.evidence = {count_of("net.ipv4.tcp_no_metrics_save", off)}};
}

constexpr std::array kRules{
    Rule{
        .id = "F34",
        .name = "time-wait-ports",
        .severity = Severity::Warning,
        .title = "local ports towards the peer are running out",
        .condition = "Sockets in TIME_WAIT to the peer's address and port are more than 80 % of the ports that "
                     "net.ipv4.ip_local_port_range and IP_LOCAL_PORT_RANGE leave; an error above 95 %, a note where "
                     "net.ipv4.tcp_tw_reuse and timestamps let the ports be used again.",
        .why = "A port in TIME_WAIT cannot be used for the same peer for 60 s.",
        .remedy = "keep connections open and use them again, or let the peer close first; else a wider "
                  "net.ipv4.ip_local_port_range, net.ipv4.tcp_tw_reuse=1 or more addresses; net.ipv4.tcp_fin_timeout "
                  "has nothing to do with it",
        .source = "RFC 9293 section 3.6.1, ip-sysctl",
        .inputs = kPortInputs,
        .check = ports_in_time_wait,
    },
    Rule{
        .id = "F35",
        .name = "tcp-memory-pressure",
        .severity = Severity::Warning,
        .subject = Subject::Any,
        .title = "TCP is short of memory on this host",
        .condition = "The pages that TCP holds (/proc/net/sockstat) are more than net.ipv4.tcp_mem[1], or "
                     "TCPMemoryPressures grew over the interval; an error beyond net.ipv4.tcp_mem[2].",
        .why = "Under memory pressure the kernel shrinks the windows and buffers of all sockets of this host.",
        .remedy = "find the sockets with full queues (tcpkit inspect --sort recv-q, --sort send-q), or raise "
                  "net.ipv4.tcp_mem (in pages); lower net.ipv4.tcp_rmem[2] and net.ipv4.tcp_wmem[2] where many "
                  "connections each take their most",
        .source = "tcp(7), ip-sysctl",
        .inputs = kMemoryInputs,
        .check = memory_pressure,
    },
    Rule{
        .id = "F36",
        .name = "reader-stalls",
        .severity = Severity::Warning,
        .title = "this side has closed its receive window: the program does not read",
        .condition = "tcpi_rcv_wnd is 0 (where it is not told: 90 % of the receive buffer are taken) with data waiting "
                     "to be read, and none came in for 200 ms: a reader that only is slow opens the window many times "
                     "in this time.",
        .why = "The receive buffer is full, and the peer may send nothing.",
        .remedy = "find out what keeps the program from reading: a blocked thread, a lock, a slow consumer behind it; "
                  "a larger buffer only delays this",
        .source = "RFC 9293 section 3.8.6",
        .inputs = kReaderInputs,
        .check = reader_stalls,
    },
    Rule{
        .id = "F38",
        .name = "metrics-remembered",
        .severity = Severity::Note,
        .title = "measurements begin with what earlier connections found",
        .condition = "net.ipv4.tcp_no_metrics_save is 0 and this is a measurement.",
        .why = "The kernel keeps round trip, reordering and thresholds of a destination when a connection closes and "
               "starts the next one with them: runs are not independent of each other.",
        .remedy = "sysctl -w net.ipv4.tcp_no_metrics_save=1, and ip tcp_metrics flush before the first run",
        .source = "ip-sysctl, ip-tcp_metrics(8)",
        .inputs = kMetricsInputs,
        .check = metrics_remembered,
    },
};

}  // namespace

std::span<const Rule> host_rules() {
  return kRules;
}

}  // namespace tcpkit
