#include "sock/net_counters.hpp"

#include <algorithm>

#include <tcpkit/base/units.hpp>

#include "base/split.hpp"

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

}  // namespace

NetCounters NetCounters::parse(std::string_view content) {
  NetCounters result;
  const std::vector<std::string_view> lines = group_lines(content);
  if (lines.size() < 2) return result;
  const std::vector<std::string_view> names = words(lines[0]);
  const std::vector<std::string_view> values = words(lines[1]);
  for (std::size_t at = 0; at < std::min(names.size(), values.size()); ++at) {
    const Result<std::uint64_t> value = parse_unsigned(values[at], 0, UINT64_MAX);
    if (value) result.counters_.emplace_back(names[at], *value);
  }
  return result;
}

std::optional<std::uint64_t> NetCounters::get(std::string_view name) const noexcept {
  const auto found =
      std::ranges::find(counters_, name, [](const auto& counter) { return std::string_view(counter.first); });
  return found == counters_.end() ? std::nullopt : std::optional(found->second);
}

Result<NetCounters> read_net_counters(os::Kernel& kernel) {
  std::string content;
  if (const std::error_code error = kernel.read_file(kNetstat, content)) {
    return Error{error, std::string("read ") + kNetstat};
  }
  return NetCounters::parse(content);
}

Result<NetCounters> NetCounters::read() {
  return read_net_counters(os::real_kernel());
}

}  // namespace tcpkit
