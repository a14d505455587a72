#include "net/port_shortage.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/sock/endpoint.hpp>
#include <tcpkit/sock/sysctl_values.hpp>

#include "base/split.hpp"
#include "os/kernel.hpp"

namespace tcpkit {
namespace {

constexpr const char* kSockstat = "/proc/thread-self/net/sockstat";  // of the namespace of the thread that asks

std::string time_wait() {
  std::string content;
  if (os::real_kernel().read_file(kSockstat, content)) return "";
  const auto count = parse_time_wait(content);
  return count ? fmt::format(", {} in TIME_WAIT", *count) : "";
}

std::string ports() {
  constexpr std::string_view kRange = "net.ipv4.ip_local_port_range";
  SysctlValues sysctls;
  const auto first = sysctls.number(kRange, 0);
  const auto last = sysctls.number(kRange, 1);
  return first && last ? fmt::format("{} = {} {}", kRange, *first, *last) : std::string(kRange);
}

}  // namespace

/// "TCP: inuse 5 orphan 0 tw 12 alloc 7 mem 1"
std::optional<std::uint64_t> parse_time_wait(std::string_view sockstat) {
  for (const std::string_view line : split(sockstat, '\n')) {
    if (!line.starts_with("TCP:")) continue;
    const std::vector<std::string_view> fields = words(line);
    const auto name = std::ranges::find(fields, "tw");
    if (fields.end() - name < 2) return std::nullopt;
    const auto count = parse_unsigned(*(name + 1), 0, UINT64_MAX);
    return count ? std::optional(*count) : std::nullopt;
  }
  return std::nullopt;
}

std::string port_shortage(int family) {
  return fmt::format("no local port is free ({}{}), or this host has no {} address to connect from", ports(),
                     time_wait(), family_name(family));
}

}  // namespace tcpkit
