#include "port_use.hpp"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

using namespace tcpkit;

PortUse read_port_use(SysctlValues& sysctls) {
  constexpr const char* kRange = "net.ipv4.ip_local_port_range";
  std::ifstream sockstat("/proc/net/sockstat");
  return {sysctls.number(kRange, 0), sysctls.number(kRange, 1), waiting_sockets(sockstat)};
}

std::optional<std::uint64_t> waiting_sockets(std::istream& sockstat) {
  for (std::string line; std::getline(sockstat, line);) {
    std::istringstream words(line);
    std::string name;
    std::uint64_t number = 0;
    if (!(words >> name) || name != "TCP:") continue;
    while (words >> name >> number) {
      if (name == "tw") return number;
    }
  }
  return std::nullopt;
}

std::string describe_port_use(const PortUse& use) {
  std::string text = "no local port is left for another connection to this peer";
  if (use.first && use.last) {
    text +=
        fmt::format(": net.ipv4.ip_local_port_range = {} {} has {}", *use.first, *use.last, *use.last - *use.first + 1);
  }
  if (use.waiting) text += fmt::format(", and {} sockets are in TIME_WAIT", *use.waiting);
  return text + "; widen the range, or close with a reset: -o linger=0s leaves no TIME_WAIT";
}
