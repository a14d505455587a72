#include <tcpkit/net/connect.hpp>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <tcpkit/base/units.hpp>

#include "net/bind_error.hpp"
#include "net/handshake.hpp"
#include "os/descriptor.hpp"
#include "os/errno_code.hpp"

namespace tcpkit {
namespace {

std::string doing(const Endpoint& address) {
  return fmt::format("connect to {}", escape(address.text()));  // the name of a scope may have any bytes
}

/// What some errno values of connect(2) mean for this address.
Error connect_error(std::error_code code, const Endpoint& address) {
  if (code == std::errc::invalid_argument && lacks_interface(address)) return interface_missing(address);
  Error error{code, doing(address)};
  if (code == std::errc::invalid_argument) error.hint = "a route of type blackhole answers so, see `ip route`";
  if (code == std::errc::address_not_available) {
    error.hint = fmt::format("this host has no {} address to connect from, or none of its ports is free",
                             family_name(address.family()));
  }
  return error;
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

/// How one address ended. What refuses a setting for one address refuses it for all of them.
struct Tried {
  Result<Connection> connection;
  bool setting_refused = false;
};

Tried failed(Error error) {
  return {std::move(error)};
}

Tried refused(Error error) {
  return {std::move(error), true};
}

/// A connect to a free local port can meet itself (RFC 9293 3.5, simultaneous open): nobody is listening there.
bool connected_to_itself(int socket) {
  const Endpoint local = local_endpoint(socket);
  return local.family() != AF_UNSPEC && local == peer_endpoint(socket);
}

Error timed_out(const Endpoint& address, Nanoseconds allowed) {
  return {os::errno_code(ETIMEDOUT), doing(address), fmt::format("no answer within {}", format_duration(allowed))};
}

Tried connect_prepared(os::Descriptor socket, const Endpoint& address, const ConnectPlan& plan) {
  const auto begin = Clock::now();
  const auto until =
      std::min(plan.deadline, plan.timeout < plan.deadline - begin ? begin + plan.timeout : plan.deadline);
  const std::error_code code = shake_hands(socket.get(), address, until);
  const Nanoseconds took = Clock::now() - begin;
  if (code == std::errc::timed_out && Clock::now() >= until) return failed(timed_out(address, until - begin));
  if (code) return failed(connect_error(code, address));
  if (connected_to_itself(socket.get())) return failed(system_error(ECONNREFUSED, doing(address)));
  if (auto set = apply(socket.get(), plan.settings, Moment::Connected); !set) return refused(set.error());
  return {Connection(socket.release(), took)};
}

Tried connect_one(const Endpoint& address, const ConnectPlan& plan) {
  if (Clock::now() >= plan.deadline) return failed(timed_out(address, Nanoseconds(0)));
  Result<os::Descriptor> socket = open_socket(address);
  if (!socket) return failed(socket.error());
  if (auto set = apply(socket->get(), plan.settings, Moment::BeforeBind); !set) return refused(set.error());
  if (plan.source) {
    if (auto bound = bind_source(socket->get(), *plan.source, address); !bound) return failed(bound.error());
  }
  if (auto set = apply(socket->get(), plan.settings, Moment::BeforeConnect); !set) return refused(set.error());
  return connect_prepared(std::move(*socket), address, plan);
}

/// From a source address only those of its family can be reached. When there is none, all are left to say so.
std::vector<Endpoint> reachable(std::span<const Endpoint> addresses, const std::optional<Endpoint>& source) {
  std::vector<Endpoint> chosen;
  std::ranges::copy_if(addresses, std::back_inserter(chosen),
                       [&](const Endpoint& address) { return !source || address.family() == source->family(); });
  return chosen.empty() ? std::vector(addresses.begin(), addresses.end()) : chosen;
}

}  // namespace

Connection::Connection(Connection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), connect_time_(other.connect_time_) {}

Connection& Connection::operator=(Connection&& other) noexcept {
  std::swap(socket_, other.socket_);
  connect_time_ = other.connect_time_;
  return *this;
}

Connection::~Connection() {
  if (socket_ >= 0) ::close(socket_);
}

Result<Connection> connect(std::span<const Endpoint> addresses, const ConnectPlan& plan,
                           std::vector<Attempt>& attempts) {
  Result<Connection> connection = system_error(EADDRNOTAVAIL, "connect: no address to connect to");
  for (const Endpoint& address : reachable(addresses, plan.source)) {
    const auto begin = Clock::now();
    Tried tried = connect_one(address, plan);
    connection = std::move(tried.connection);
    attempts.push_back({address, std::nullopt, connection ? connection->connect_time() : Clock::now() - begin});
    if (connection) break;
    attempts.back().error = connection.error();
    if (tried.setting_refused || Clock::now() >= plan.deadline) break;
  }
  return connection;
}

}  // namespace tcpkit
