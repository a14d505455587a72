#include <tcpkit/net/connect.hpp>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

#include <sys/socket.h>

#include <tcpkit/base/units.hpp>

#include "net/client_socket.hpp"
#include "net/handshake.hpp"
#include "os/descriptor.hpp"

namespace tcpkit {
namespace {

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

Tried connect_prepared(os::Descriptor socket, const Endpoint& address, const ConnectPlan& plan) {
  const auto begin = Clock::now();
  const auto until =
      std::min(plan.deadline, plan.timeout < plan.deadline - begin ? begin + plan.timeout : plan.deadline);
  const std::error_code code = shake_hands(socket.get(), address, until, plan.stop);
  const Nanoseconds took = Clock::now() - begin;
  if (code == std::errc::operation_canceled) return refused(connect_error(ECANCELED, address));
  if (code == std::errc::timed_out && Clock::now() >= until) return failed(connect_timed_out(address, until - begin));
  if (code) return failed(with_port_shortage(connect_error(code.value(), address), address));
  if (refuses_itself(socket.get(), address)) return failed(connect_error(ECONNREFUSED, address));
  if (auto set = apply(socket.get(), plan.settings, Moment::Connected); !set) return refused(set.error());
  return {Connection(socket.release(), took)};
}

Tried connect_one(const Endpoint& address, const ConnectPlan& plan) {
  if (Clock::now() >= plan.deadline) return failed(connect_timed_out(address, Nanoseconds(0)));
  bool setting_refused = false;
  Result<os::Descriptor> socket = client_socket(address, plan, setting_refused);
  if (!socket) return {socket.error(), setting_refused};
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
