#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>

namespace tcpkit {

/// A network namespace, as a descriptor of it. Movable.
class TCPKIT_API NetworkNamespace {
 public:
  /// That of the calling thread.
  static Result<NetworkNamespace> own();
  /// That of a process: /proc/PID/ns/net. EACCES needs CAP_SYS_PTRACE; ENOENT, ESRCH: no such process.
  static Result<NetworkNamespace> of_process(std::int64_t pid);
  /// "NAME" of `ip netns`, or a process id. Fails with Errc::bad_value for what is neither.
  static Result<NetworkNamespace> named(std::string_view name_or_pid);
  NetworkNamespace(NetworkNamespace&& other) noexcept;
  NetworkNamespace& operator=(NetworkNamespace&& other) noexcept;
  ~NetworkNamespace();

  /// Its inode number: what `readlink /proc/PID/ns/net` shows; the same for the same namespace.
  [[nodiscard]] std::uint64_t inode() const noexcept { return inode_; }

  /// Runs `work` in it, in a thread of its own, and waits for its end; in the calling thread where that is in it
  /// already. EPERM: entering another one needs CAP_SYS_ADMIN. What `work` throws or returns is its own business.
  [[nodiscard]] Result<void> run(const std::function<void()>& work) const;

 private:
  NetworkNamespace(int descriptor, std::uint64_t inode) noexcept : descriptor_(descriptor), inode_(inode) {}
  int descriptor_;
  std::uint64_t inode_;
};

}  // namespace tcpkit
