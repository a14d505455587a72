// Prints every socket that list_sockets() tells, a line each: "name value" pairs between tabs, "-" for what is absent.
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include <tcpkit/proc/socket_list.hpp>

namespace {

using namespace tcpkit;

template <class Number>
std::string shown(const std::optional<Number>& number) {
  return number ? fmt::format("{}", static_cast<std::uint64_t>(*number)) : "-";
}

std::string shown(const std::optional<SocketMemory>& memory) {
  if (!memory) return "-";
  const SocketMemory& m = *memory;
  return fmt::format("r{},rb{},t{},tb{},f{},w{},o{},bl{},d{}", m.receive_allocated, m.receive_buffer, m.send_allocated,
                     m.send_buffer, m.forward_allocated, m.send_queued, m.option_memory, m.backlog, m.drops);
}

void print(const SocketEntry& entry) {
  fmt::print("cookie {:x}\tstate {}\tlocal {}\tpeer {}\tmptcp {:d}\tinode {}\tuid {}\treceive_queue {}\tsend_queue {}",
             entry.cookie, socket_state_name(entry.state), entry.local.text(), entry.peer.text(), entry.mptcp,
             entry.inode, shown(entry.uid), entry.receive_queue, entry.send_queue);
  fmt::print("\ttimer {}\ttimer_ms {}\tretries {}\tinterface {}\tcongestion {}\tulp {}\tmemory {}\ttos {}\ttclass {}",
             static_cast<unsigned>(entry.timer), entry.timer_ms, entry.retries, shown(entry.interface),
             entry.congestion.value_or("-"), entry.ulp.value_or("-"), shown(entry.memory), shown(entry.tos),
             shown(entry.traffic_class));
  fmt::print("\tmark {}\tv6only {}", shown(entry.mark), shown(entry.v6only));
  for (const char* field : {"rtt", "rttvar", "rto", "snd_cwnd", "snd_mss", "bytes_received", "bytes_acked"}) {
    fmt::print("\t{} {}", field, entry.info ? shown(entry.info->get(field)) : "-");
  }
  fmt::print("\n");
}

}  // namespace

int main() {
  const Result<ListingNotes> notes = list_sockets(SocketFilter(), DiagDetail::Full, print);
  if (!notes) {
    fmt::print(stderr, "dump_sockets: {}\n", describe(notes.error()));
    return 1;
  }
  fmt::print(stderr, "incomplete {:d}, mptcp missing {:d}\n", notes->incomplete, notes->mptcp_missing);
  return std::fflush(stdout) == 0 ? 0 : 1;
}
