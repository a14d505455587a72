#include "sock/listen_queue.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <variant>
#include <vector>

#include <tcpkit/base/units.hpp>
#include <tcpkit/sock/tcp_info.hpp>

#include "base/split.hpp"
#include "sock/codec.hpp"
#include "sock/tcp_info_reader.hpp"

namespace tcpkit {
namespace {

// Not /proc/net/netstat: that is the network namespace of the process' first thread, whichever thread asks.
constexpr const char* kNetstat = "/proc/thread-self/net/netstat";
constexpr std::string_view kGroup = "TcpExt:";

/// What follows the names "TcpExt:" stands before, line by line: the first one has names, the next one their values.
std::vector<std::string_view> group_lines(std::string_view content) {
  std::vector<std::string_view> lines = split(content, '\n');
  std::erase_if(lines, [](std::string_view line) { return !line.starts_with(kGroup); });
  for (std::string_view& line : lines) line.remove_prefix(kGroup.size());
  return lines;
}

std::optional<std::uint64_t> counter(const std::vector<std::string_view>& names,
                                     const std::vector<std::string_view>& values, std::string_view name) {
  const auto place = static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
  if (place >= std::min(names.size(), values.size())) return std::nullopt;
  const Result<std::uint64_t> value = parse_unsigned(values[place], 0, UINT64_MAX);
  return value ? std::optional(*value) : std::nullopt;
}

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

ListenCounters parse_listen_counters(std::string_view content) {
  const std::vector<std::string_view> lines = group_lines(content);
  if (lines.size() < 2) return {};
  const std::vector<std::string_view> names = words(lines[0]);
  const std::vector<std::string_view> values = words(lines[1]);
  return {counter(names, values, "ListenOverflows"), counter(names, values, "ListenDrops")};
}

Result<ListenCounters> read_listen_counters(os::Kernel& kernel) {
  std::string content;
  if (const std::error_code error = kernel.read_file(kNetstat, content)) {
    return Error{error, std::string("read ") + kNetstat};
  }
  return parse_listen_counters(content);
}

Result<ListenCounters> read_listen_counters() {
  return read_listen_counters(os::real_kernel());
}

}  // namespace tcpkit
