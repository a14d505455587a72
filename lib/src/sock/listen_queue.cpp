#include "sock/listen_queue.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <variant>
#include <vector>

#include <tcpkit/sock/tcp_info.hpp>

#include "sock/codec.hpp"
#include "sock/net_counters.hpp"
#include "sock/tcp_info_reader.hpp"

namespace tcpkit {
namespace {

/// SK_MEMINFO_DROPS, include/uapi/linux/sock_diag.h: tcp_listendrop() in include/net/tcp.h counts there.
std::optional<std::uint64_t> dropped_by(os::Kernel& kernel, int listener) {
  const OptionReading reading = read_option(kernel, listener, *find_option("SO_MEMINFO"));
  const auto* words = reading.value ? std::get_if<Structure>(&*reading.value) : nullptr;
  if (words == nullptr) return std::nullopt;
  const auto drops = std::ranges::find(*words, "drops", &Member::name);
  return drops == words->end() ? std::nullopt : std::optional(static_cast<std::uint64_t>(drops->value));
}

}  // namespace

Result<AcceptQueue> read_accept_queue(os::Kernel& kernel, int listener) {
  constexpr const char* kDoing = "read the accept queue";
  const Result<TcpInfo> info = read_tcp_info(kernel, listener);
  if (!info) return Error{info.error().code, kDoing};
  if (info->get("state") != kListenState) return system_error(EINVAL, kDoing);
  // In state LISTEN the kernel gives the two their own meaning: tcp_get_info() in net/ipv4/tcp.c.
  const auto waiting = info->get("unacked");
  const auto backlog = info->get("sacked");
  if (!waiting || !backlog) return system_error(ENODATA, kDoing);
  return AcceptQueue{*waiting, *backlog, dropped_by(kernel, listener)};
}

Result<AcceptQueue> read_accept_queue(int listener) {
  return read_accept_queue(os::real_kernel(), listener);
}

Result<ListenCounters> read_listen_counters(os::Kernel& kernel) {
  const Result<NetCounters> counters = read_net_counters(kernel);
  if (!counters) return counters.error();
  return ListenCounters{counters->get("ListenOverflows"), counters->get("ListenDrops")};
}

Result<ListenCounters> read_listen_counters() {
  return read_listen_counters(os::real_kernel());
}

}  // namespace tcpkit
