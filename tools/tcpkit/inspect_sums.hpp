#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <tcpkit/report/report.hpp>

#include "inspect_run.hpp"

/// How many sockets there are of each state and process, and what was found on them, for a format that has no place for
/// each of them.
class SocketSums {
 public:
  void add(const InspectedSocket& socket);

  /// {"groups": [{state, command, count, recv, send, accept_queue}, ...]}, at most so many commands, of which the one
  /// without a name is all that are too many.
  [[nodiscard]] tcpkit::Section groups() const;
  /// {"findings": [{id, severity, count}, ...]}
  [[nodiscard]] tcpkit::Section findings() const;

 private:
  struct Sum {
    std::uint64_t count = 0;
    std::uint64_t receive = 0;
    std::uint64_t send = 0;
    std::uint64_t accept = 0;
  };

  std::map<std::pair<tcpkit::SocketState, std::string>, Sum> sums_;
  std::map<std::string, std::uint64_t> commands_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> findings_;  // by id and severity
};
