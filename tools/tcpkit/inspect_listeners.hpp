#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include <tcpkit/proc/socket_entry.hpp>

/// The listening sockets of one network namespace, as they were when first asked for. Every call is from a thread in
/// that namespace. What the results point to lives as long as this object.
class Listeners {
 public:
  /// How many have the address of this one, it included; 0 = not known.
  [[nodiscard]] std::uint64_t sharing(const tcpkit::SocketEntry& listener);

  /// Those that a connection may come from, judging by the addresses: several where they share the port, none where it
  /// was not accepted.
  [[nodiscard]] std::vector<const tcpkit::SocketEntry*> parents_of(const tcpkit::SocketEntry& connection);

 private:
  using ByPort = std::unordered_multimap<std::uint16_t, tcpkit::SocketEntry>;

  ByPort& all();
  [[nodiscard]] std::vector<const tcpkit::SocketEntry*> with(const tcpkit::SocketEntry& like,
                                                             const tcpkit::Endpoint& address);

  std::optional<ByPort> by_port_;
};
