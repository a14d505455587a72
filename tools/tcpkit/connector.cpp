#include "connector.hpp"

#include <thread>
#include <utility>

#include <fmt/format.h>

using namespace tcpkit;

Clock::time_point after(std::optional<Nanoseconds> time) {
  if (!time) return Clock::time_point::max();
  const auto now = Clock::now();
  return *time < Clock::time_point::max() - now ? now + *time : Clock::time_point::max();
}

void pause(Nanoseconds time, Clock::time_point until) {
  std::this_thread::sleep_until(std::min(until, after(time)));
}

Error deadline_passed(const Error& last) {
  return {make_error_code(std::errc::timed_out), last.doing,
          fmt::format("the deadline passed; the last try: {}", last.code.message())};
}

bool may_pass(const Error& error) {
  return error.code != Errc::bad_value && error.code != Errc::unsupported_option &&
         error.code != std::errc::operation_not_permitted && error.code != std::errc::permission_denied;
}

Connector::Connector(ConnectOrder order, Resolved resolved)
    : order_(std::move(order)), resolved_(std::move(resolved)), wait_until_(after(order_.wait)) {}

Connector::Connector(ConnectOrder order, const Endpoint& peer) : Connector(std::move(order), Resolved()) {
  addresses_.push_back(peer);
}

Result<Connection> Connector::connect_once(Attempts& attempts) {
  return open_once(tcpkit::connect, order_.connect, attempts);
}

Result<Connection> Connector::connect_waiting(Attempts& attempts) {
  return open_waiting(tcpkit::connect, attempts);
}

Result<void> Connector::find_addresses(const ConnectPlan& connect) {
  if (!addresses_.empty()) return {};
  const auto begin = Clock::now();
  const auto until = std::min(connect.deadline, after(connect.timeout));
  Result<std::vector<Endpoint>> addresses = resolve(order_.target, order_.families, until);
  if (!addresses) return addresses.error();
  addresses_ = std::move(*addresses);
  if (order_.target.numeric || order_.target.host.empty()) return {};
  resolve_time_ = Clock::now() - begin;
  if (resolved_) resolved_(order_.target.host, addresses_);
  return {};
}
