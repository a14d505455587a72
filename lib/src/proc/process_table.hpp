#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <tcpkit/base/result.hpp>

/// /proc as a list of processes and the sockets they have open: the one place that walks it.
namespace tcpkit {

/// Calls back for every process, in the order of /proc, until `each` returns false. Fails with the errno of opening
/// /proc.
Result<void> for_each_process(const std::function<bool(std::int64_t pid)>& each);

/// Calls back for every socket among a process's descriptors, until `each` returns false. ENOENT, ESRCH: it is gone;
/// EACCES: its descriptors may not be listed, or not be looked at; EMFILE and the like are troubles of this process.
Result<void> for_each_socket(std::int64_t pid, const std::function<bool(int fd, std::uint64_t inode)>& each);

/// /proc/PID/comm without the newline that ends it. ENOENT, ESRCH: it is gone.
Result<std::string> read_command(std::int64_t pid);

/// The process that a thread belongs to, or `pid` itself: /proc/TID is there for every thread, though it is not listed.
Result<std::int64_t> process_of_thread(std::int64_t pid);

/// Whether an error tells of this process's own limits and not of the process it looked at.
bool is_own_trouble(const Error& error);

}  // namespace tcpkit
