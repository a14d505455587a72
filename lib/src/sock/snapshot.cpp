#include <tcpkit/sock/snapshot.hpp>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <unordered_map>

#include <netinet/in.h>
#include <sys/socket.h>

#include "os/descriptor.hpp"
#include "os/kernel.hpp"
#include "sock/codec.hpp"
#include "sock/snapshot.hpp"
#include "sock/tcp_info_reader.hpp"

namespace tcpkit {
namespace {

os::Descriptor tcp_socket(int family) {
  return os::Descriptor(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP));
}

Endpoint loopback(int family) {
  return family == AF_INET6 ? Endpoint::ipv6_loopback(0) : Endpoint::ipv4_loopback(0);
}

std::unordered_map<std::string_view, std::size_t> row_numbers() {
  std::unordered_map<std::string_view, std::size_t> rows;
  for (const Option& option : options()) rows.emplace(option.symbol, rows.size());
  return rows;
}

/// Closing with a reset leaves no TIME_WAIT behind.
void reset_on_close(int socket) {
  const linger reset = {1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

}  // namespace

Snapshot take_snapshot(os::Kernel& kernel, int socket) {
  Snapshot snapshot;
  snapshot.local = local_endpoint(socket);
  snapshot.peer = peer_endpoint(socket);
  snapshot.options.reserve(options().size());
  for (const Option& option : options()) {
    const bool other_family = option.applies == Applies::Ipv6 && snapshot.local.family() == AF_INET;
    snapshot.options.push_back(other_family ? OptionReading{&option, std::nullopt, "not applicable"}
                                            : read_option(kernel, socket, option));
  }
  Result<TcpInfo> info = read_tcp_info(kernel, socket);
  if (info) {
    snapshot.info = std::move(*info);
  } else {
    snapshot.info_reason = "unreadable: " + info.error().code.message();
  }
  return snapshot;
}

Snapshot take_snapshot(int socket) {
  return take_snapshot(os::real_kernel(), socket);
}

Result<Snapshot> default_snapshot(int family) {
  const os::Descriptor listener = tcp_socket(family);
  const os::Descriptor client = tcp_socket(family);
  const char* doing = "make a loopback connection to learn this host's defaults";
  if (!listener || !client) return system_error(errno, doing);
  const Endpoint any_port = loopback(family);
  if (::bind(listener.get(), any_port.data(), any_port.size()) != 0) return system_error(errno, doing);
  if (::listen(listener.get(), 1) != 0) return system_error(errno, doing);
  const Endpoint server = local_endpoint(listener.get());
  if (::connect(client.get(), server.data(), server.size()) != 0) return system_error(errno, doing);
  Snapshot snapshot = take_snapshot(client.get());
  reset_on_close(client.get());
  return snapshot;
}

Result<Snapshot> default_listener_snapshot(int family) {
  const os::Descriptor listener = tcp_socket(family);
  if (!listener) return system_error(errno, "make a socket to learn this host's defaults");
  const Endpoint any_port = loopback(family);
  if (::bind(listener.get(), any_port.data(), any_port.size()) == 0) ::listen(listener.get(), 1);
  return take_snapshot(listener.get());
}

const OptionReading& reading(const Snapshot& snapshot, const Option& option) {
  static const OptionReading kNotRead{nullptr, std::nullopt, "not read"};
  const std::vector<OptionReading>& readings = snapshot.options;
  if (readings.size() == options().size()) return readings[row_number(option)];
  const auto found = std::ranges::find(readings, &option, &OptionReading::option);
  return found == readings.end() ? kNotRead : *found;
}

/// Asked for so often that looking through the catalogue would show.
const OptionReading& reading(const Snapshot& snapshot, std::string_view symbol) {
  static const auto kRows = row_numbers();
  const auto row = kRows.find(symbol);
  assert(row != kRows.end());
  return reading(snapshot, options()[row->second]);
}

std::optional<std::int64_t> number_in(const OptionReading& reading) {
  const std::optional<Value>& value = reading.value;
  if (!value) return std::nullopt;
  if (const auto* on = std::get_if<bool>(&*value)) return *on ? 1 : 0;
  if (const auto* number = std::get_if<std::int64_t>(&*value)) return *number;
  return std::nullopt;
}

std::optional<std::int64_t> number(const Snapshot& snapshot, std::string_view symbol) {
  return number_in(reading(snapshot, symbol));
}

}  // namespace tcpkit
