#include "net/bind_error.hpp"

#include <cerrno>

#include <fmt/format.h>
#include <netinet/in.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/sock/sysctl_values.hpp>

namespace tcpkit {
namespace {

std::string privileged_port() {
  const auto first = SysctlValues().number("net.ipv4.ip_unprivileged_port_start");
  return fmt::format("ports below net.ipv4.ip_unprivileged_port_start{} need CAP_NET_BIND_SERVICE",
                     first ? fmt::format(" = {}", *first) : "");
}

}  // namespace

Error bind_error(int errno_value, std::string doing, const Endpoint& address) {
  if (errno_value == EINVAL && lacks_interface(address)) return interface_missing(address);
  if (errno_value == EINVAL) {
    return bad_value(fmt::format("{} cannot be bound to: give an address of this host, an IPv4 one without \"::ffff:\"",
                                 escape(address.text())));
  }
  Error error = system_error(errno_value, std::move(doing));
  if (errno_value == EACCES) error.hint = privileged_port();
  if (errno_value == EADDRNOTAVAIL) error.hint = "it is not an address of this host";
  return error;
}

bool lacks_interface(const Endpoint& address) {
  if (address.family() != AF_INET6) return false;
  const auto& raw = *reinterpret_cast<const sockaddr_in6*>(address.data());
  return IN6_IS_ADDR_LINKLOCAL(&raw.sin6_addr) && raw.sin6_scope_id == 0;
}

Error interface_missing(const Endpoint& address) {
  return bad_value(fmt::format("{} is a link-local address: name its interface, like [{}%eth0]:{}", address.address(),
                               address.address(), address.port()));
}

}  // namespace tcpkit
