#include "net/listen_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <tcpkit/base/units.hpp>

#include "net/bind_error.hpp"

namespace tcpkit {
namespace {

bool is_for_ipv6(const Setting& setting) {
  return setting.option != nullptr && setting.option->applies == Applies::Ipv6;
}

/// What the server's own work asks for, unless the user says otherwise.
void add_unless_given(std::vector<Setting>& settings, const ServePlan& plan, std::string_view text) {
  Result<Setting> own = parse_setting(text);
  const bool given =
      std::ranges::any_of(plan.settings, [&](const Setting& setting) { return same_option(setting, *own); });
  if (!given) settings.push_back(std::move(*own));
}

bool serves_ipv6(const ServePlan& plan) {
  return std::ranges::any_of(plan.addresses, [](const Endpoint& address) { return address.family() == AF_INET6; });
}

Error listen_error(int errno_value, const Endpoint& address) {
  return bind_error(errno_value, fmt::format("listen on {}", escape(address.text())), address);
}

Result<os::Descriptor> listen_on(const ServePlan& plan, const Endpoint& address) {
  os::Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (!socket) return listen_error(errno, address);
  const std::vector<Setting> settings = settings_for(plan, address);
  if (auto set = apply(socket.get(), settings, Moment::BeforeBind); !set) return set.error();
  if (::bind(socket.get(), address.data(), address.size()) != 0) return listen_error(errno, address);
  if (auto set = apply(socket.get(), settings, Moment::BeforeConnect); !set) return set.error();
  if (::listen(socket.get(), plan.backlog) != 0) return listen_error(errno, address);
  return socket;
}

/// O_NONBLOCK is of the open file, so whoever passed the socket sees it, too: an accept that waited would stop clients.
Result<os::Descriptor> take_over(const ServePlan& plan, std::size_t n) {
  constexpr int kAfterStandardStreams = 3;
  const Endpoint& address = plan.addresses[n];
  os::Descriptor socket(::fcntl(plan.sockets[n], F_DUPFD_CLOEXEC, kAfterStandardStreams));
  if (!socket) return listen_error(errno, address);
  const int flags = ::fcntl(socket.get(), F_GETFL);
  if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) != 0) return listen_error(errno, address);
  if (auto set = apply(socket.get(), settings_for(plan, address), Moment::BeforeConnect); !set) return set.error();
  if (plan.backlog >= 0 && ::listen(socket.get(), plan.backlog) != 0) return listen_error(errno, address);
  return socket;
}

Result<std::vector<os::Descriptor>> take_over_all(const ServePlan& plan) {
  std::vector<os::Descriptor> sockets;
  for (std::size_t n = 0; n < plan.sockets.size(); ++n) {
    Result<os::Descriptor> socket = take_over(plan, n);
    if (!socket) return socket.error();
    sockets.push_back(std::move(*socket));
  }
  return sockets;
}

/// Gives the port that the kernel chose to all addresses that want a free one.
void settle_port(ServePlan& plan, std::uint16_t port) {
  for (Endpoint& address : plan.addresses) {
    if (address.port() == 0) address.set_port(port);
  }
}

Result<std::vector<os::Descriptor>> try_all(ServePlan& plan) {
  std::vector<os::Descriptor> sockets;
  for (std::size_t n = 0; n < plan.addresses.size(); ++n) {
    Result<os::Descriptor> socket = listen_on(plan, plan.addresses[n]);
    if (!socket) return socket.error();
    if (plan.addresses[n].port() == 0) settle_port(plan, local_endpoint(socket->get()).port());
    sockets.push_back(std::move(*socket));
  }
  return sockets;
}

}  // namespace

std::vector<Setting> settings_for(const ServePlan& plan, const Endpoint& address) {
  std::vector<Setting> settings;
  const bool whole_echo = plan.service == Service::Echo && plan.one_shot_bytes == 0;
  if (whole_echo) add_unless_given(settings, plan, "oobinline");                 // an urgent byte is a byte to echo
  if (address.family() == AF_INET6) add_unless_given(settings, plan, "v6only");  // IPv4 has listeners of its own
  const bool leave_out = address.family() == AF_INET && serves_ipv6(plan);
  std::ranges::copy_if(plan.settings, std::back_inserter(settings),
                       [&](const Setting& setting) { return !leave_out || !is_for_ipv6(setting); });
  return settings;
}

/// A port that is free on the first address may be taken on the second one: then another one is tried.
Result<std::vector<os::Descriptor>> listen_on_all(ServePlan& plan) {
  constexpr int kTries = 16;
  if (!plan.sockets.empty()) return take_over_all(plan);
  const std::vector<Endpoint> asked = plan.addresses;
  const bool any_port = std::ranges::any_of(asked, [](const Endpoint& address) { return address.port() == 0; });
  for (int tries = 1;; ++tries) {
    Result<std::vector<os::Descriptor>> sockets = try_all(plan);
    const bool taken = !sockets && sockets.error().code == std::errc::address_in_use;
    if (!taken || !any_port || tries == kTries) return sockets;
    plan.addresses = asked;
  }
}

}  // namespace tcpkit
