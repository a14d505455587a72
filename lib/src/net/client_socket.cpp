#include "net/client_socket.hpp"

#include <cerrno>
#include <utility>

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <tcpkit/base/units.hpp>

#include "net/bind_error.hpp"
#include "net/port_shortage.hpp"
#include "os/errno_code.hpp"

namespace tcpkit {
namespace {

std::string doing(const Endpoint& address) {
  return fmt::format("connect to {}", escape(address.text()));  // the name of a scope may have any bytes
}

Result<os::Descriptor> open_socket(const Endpoint& address) {
  os::Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (!socket) return system_error(errno, fmt::format("make an {} socket", family_name(address.family())));
  return socket;
}

Result<void> bind_source(int socket, const Endpoint& source, const Endpoint& address) {
  if (source.family() != address.family()) {
    return bad_value(fmt::format("{} is an {} address: it cannot connect to {}", escape(source.address()),
                                 family_name(source.family()), escape(address.text())));
  }
  if (::bind(socket, source.data(), source.size()) == 0) return {};
  return bind_error(errno, fmt::format("bind to {}", escape(source.text())), source);
}

}  // namespace

Error connect_error(int errno_value, const Endpoint& address) {
  if (errno_value == EINVAL && lacks_interface(address)) return interface_missing(address);
  Error error = system_error(errno_value, doing(address));
  if (errno_value == EINVAL) error.hint = "a route of type blackhole answers so, see `ip route`";
  return error;
}

Error with_port_shortage(Error error, const Endpoint& address) {
  if (error.code == std::errc::address_not_available && error.hint.empty())
    error.hint = port_shortage(address.family());
  return error;
}

Error connect_timed_out(const Endpoint& address, Nanoseconds allowed) {
  return {os::errno_code(ETIMEDOUT), doing(address), fmt::format("no answer within {}", format_duration(allowed))};
}

bool refuses_itself(int socket, const Endpoint& peer) {
  const Endpoint local = local_endpoint(socket);
  if (local.port() != peer.port() || local != peer_endpoint(socket)) return false;
  const linger reset = {1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  return true;
}

Result<os::Descriptor> client_socket(const Endpoint& address, const ConnectPlan& plan, bool& setting_refused) {
  Result<os::Descriptor> socket = open_socket(address);
  if (!socket) return socket;
  setting_refused = true;
  if (auto set = apply(socket->get(), plan.settings, Moment::BeforeBind); !set) return set.error();
  if (plan.source) {
    setting_refused = false;
    if (auto bound = bind_source(socket->get(), *plan.source, address); !bound) return bound.error();
    setting_refused = true;
  }
  if (auto set = apply(socket->get(), plan.settings, Moment::BeforeConnect); !set) return set.error();
  setting_refused = false;
  return socket;
}

}  // namespace tcpkit
