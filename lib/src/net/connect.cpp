#include <tcpkit/net/connect.hpp>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <tcpkit/base/units.hpp>

#include "os/descriptor.hpp"

namespace tcpkit {
namespace {

std::string doing(const Endpoint& address) {
  return fmt::format("connect to {}", address.text());
}

/// Waits until the handshake has ended, one way or the other; ETIMEDOUT once `until` has passed.
std::error_code await_handshake(int socket, Clock::time_point until) {
  pollfd writable = {socket, POLLOUT, 0};
  for (;;) {
    const auto left = std::max(until - Clock::now(), Clock::duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec wait = {seconds.count(), (left - seconds).count()};
    const int ready = ::ppoll(&writable, 1, &wait, nullptr);
    if (ready == 0) return make_error_code(std::errc::timed_out);
    if (ready > 0) break;
    if (errno != EINTR) return {errno, std::system_category()};
  }
  int error = 0;
  socklen_t length = sizeof(error);
  ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length);
  return {error, std::system_category()};
}

/// One connect needs no event loop: poll(2) holds the deadline and adds nothing to the time that is measured.
std::error_code handshake(int socket, const Endpoint& peer, Clock::time_point until) {
  if (::connect(socket, peer.data(), peer.size()) == 0) return {};
  if (errno == EINPROGRESS || errno == EINTR) return await_handshake(socket, until);
  return {errno, std::system_category()};
}

Result<os::Descriptor> open_socket(const Endpoint& address) {
  os::Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (!socket) return system_error(errno, fmt::format("make an {} socket", family_name(address.family())));
  return socket;
}

Result<void> bind_source(int socket, const Endpoint& source, const Endpoint& address) {
  if (source.family() != address.family()) {
    return bad_value(fmt::format("{} is an {} address: it cannot connect to {}", source.address(),
                                 family_name(source.family()), address.text()));
  }
  if (::bind(socket, source.data(), source.size()) == 0) return {};
  return system_error(errno, fmt::format("bind to {}", source.text()));
}

/// The options that shape the handshake, and the address it comes from.
Result<void> prepare(int socket, const Endpoint& address, const ConnectPlan& plan) {
  if (auto set = apply(socket, plan.settings, Moment::BeforeBind); !set) return set;
  if (plan.source) {
    if (auto bound = bind_source(socket, *plan.source, address); !bound) return bound;
  }
  return apply(socket, plan.settings, Moment::BeforeConnect);
}

/// A connect to a free local port can meet itself (RFC 9293 3.5, simultaneous open): nobody is listening there.
bool connected_to_itself(int socket) {
  const Endpoint local = local_endpoint(socket);
  return local.family() != AF_UNSPEC && local == peer_endpoint(socket);
}

Error timed_out(const Endpoint& address, Nanoseconds waited) {
  return {make_error_code(std::errc::timed_out), doing(address),
          fmt::format("no answer within {}", format_duration(waited))};
}

Result<Connection> connect_prepared(os::Descriptor socket, const Endpoint& address, const ConnectPlan& plan) {
  const auto begin = Clock::now();
  const auto until =
      std::min(plan.deadline, plan.timeout < plan.deadline - begin ? begin + plan.timeout : plan.deadline);
  const std::error_code code = handshake(socket.get(), address, until);
  const Nanoseconds took = Clock::now() - begin;
  if (code && Clock::now() >= until) return timed_out(address, took);
  if (code) return Error{code, doing(address)};
  if (connected_to_itself(socket.get())) return system_error(ECONNREFUSED, doing(address));
  if (auto set = apply(socket.get(), plan.settings, Moment::Connected); !set) return set.error();
  return Connection(socket.release(), took);
}

Result<Connection> connect_one(const Endpoint& address, const ConnectPlan& plan) {
  Result<os::Descriptor> socket = open_socket(address);
  if (!socket) return socket.error();
  if (auto ready = prepare(socket->get(), address, plan); !ready) return ready.error();
  return connect_prepared(std::move(*socket), address, plan);
}

/// A fault of the command line or of a setting: no other address would take it.
bool ends_all(const Error& error) {
  return error.code == Errc::bad_value || error.code == Errc::unsupported_option;
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
  for (const Endpoint& address : addresses) {
    const auto begin = Clock::now();
    Result<Connection> connection = connect_one(address, plan);
    attempts.push_back({address, std::nullopt, connection ? connection->connect_time() : Clock::now() - begin});
    if (connection) return connection;
    attempts.back().error = connection.error();
    if (ends_all(connection.error()) || Clock::now() >= plan.deadline) break;
  }
  return *attempts.back().error;
}

}  // namespace tcpkit
