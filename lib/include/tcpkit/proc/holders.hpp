#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>

/// Which processes have which sockets open: /proc/PID/fd.
namespace tcpkit {

/// A descriptor of a process.
struct SocketHolder {
  std::int64_t pid = 0;
  std::string command;  ///< /proc/PID/comm, any bytes
  int fd = -1;
  std::uint64_t inode = 0;  ///< of the socket
};

/// Which processes are looked at; all conditions hold, and with none all processes are.
struct ProcessSelector {
  std::vector<std::int64_t> pids;  ///< one of them
  std::vector<std::string> names;  ///< /proc/PID/comm is one of them; compared as the kernel keeps it, 15 bytes
};

/// A process that was asked for and could not be looked into.
struct UnreadableProcess {
  std::int64_t pid = 0;
  std::string command;
  Error error;  ///< EACCES: permission; ENOENT, ESRCH: there is none; Errc::bad_value: the number is a thread's
};

/// What was found.
struct Holders {
  std::vector<SocketHolder> sockets;          ///< of any kind; ascending by inode, process, descriptor
  std::vector<std::int64_t> pids;             ///< processes that matched, ascending
  std::vector<UnreadableProcess> unreadable;  ///< of a non-empty selector: every pid not found among them
  std::uint64_t not_permitted = 0;            ///< processes whose descriptors may not be listed
  bool late = false;                          ///< the time was over before all had been looked at

  /// Who has a socket open, in the order of `sockets`, of which it is a part.
  [[nodiscard]] TCPKIT_API std::span<const SocketHolder> of(std::uint64_t inode) const;
};

/// One pass over /proc, or a look at the pids asked for alone, until the deadline. A process that ends meanwhile is
/// left out. Fails with the errno of opening /proc, and when this process has no descriptors or memory left to look.
/// Thread-safe.
[[nodiscard]] TCPKIT_API Result<Holders> find_holders(
    const ProcessSelector& selector,
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max());

}  // namespace tcpkit
