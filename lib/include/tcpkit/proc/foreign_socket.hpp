#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/proc/holders.hpp>
#include <tcpkit/proc/socket_entry.hpp>
#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/reading.hpp>
#include <tcpkit/sock/settings.hpp>
#include <tcpkit/sock/snapshot.hpp>

/// A socket of another process, looked at through a copy of its descriptor (pidfd_getfd(2)).
namespace tcpkit {

/// Closes copies where that cannot hold the caller up. If the process closes its own descriptor while a copy exists,
/// closing the copy is the last close: with SO_LINGER it may wait for the peer. Only what may wait is handed to a
/// thread. Thread-safe.
class TCPKIT_API CopyCloser {
 public:
  CopyCloser();
  CopyCloser(const CopyCloser&) = delete;
  CopyCloser& operator=(const CopyCloser&) = delete;
  /// Waits for what is being closed, for a second at most.
  ~CopyCloser();
  void close(int descriptor);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// The ways into processes (pidfd_open(2)), kept while many sockets of theirs are copied: at most 16, the last ones
/// used among them. Movable, not thread-safe.
class TCPKIT_API ProcessDoors {
 public:
  ProcessDoors();
  ProcessDoors(ProcessDoors&& other) noexcept;
  ProcessDoors& operator=(ProcessDoors&& other) noexcept;
  ~ProcessDoors();

 private:
  friend class ForeignSocket;
  struct State;
  std::unique_ptr<State> state_;
};

/// A copy of a descriptor, closed with this object. Movable. Nothing here changes the socket, but set() in
/// socket_set.hpp.
class TCPKIT_API ForeignSocket {
 public:
  /// Copies the descriptor and makes sure that it is the socket meant: SO_COOKIE is `cookie` (0: not checked).
  /// Errors: ESRCH (the process is gone), EBADF (the descriptor is), EPERM (not permitted: other user, not dumpable,
  /// Yama, a container), ENOSYS (a kernel before 5.6, or a seccomp filter), ESTALE (it is another socket by now),
  /// ENOTSOCK. A seccomp filter's EPERM is told as ENOSYS. EMFILE: this process has no descriptor left.
  static Result<ForeignSocket> copy(const SocketHolder& holder, std::uint64_t cookie, ProcessDoors& doors,
                                    CopyCloser& closer);
  /// The same for a single one.
  static Result<ForeignSocket> copy(const SocketHolder& holder, std::uint64_t cookie, CopyCloser& closer);
  ForeignSocket(ForeignSocket&& other) noexcept;
  ForeignSocket& operator=(ForeignSocket&& other) noexcept;
  ~ForeignSocket();

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

  /// As read_option() of descriptor(). Whoever reads SO_LINGER last spares closing the copy from asking for it.
  [[nodiscard]] OptionReading read(const Option& option);

 private:
  ForeignSocket(int descriptor, CopyCloser& closer) noexcept : descriptor_(descriptor), closer_(&closer) {}
  int descriptor_;
  CopyCloser* closer_;
  bool closes_at_once_ = false;
};

/// Why a socket cannot be copied, for a reader: "unreadable: not permitted (...)", "gone", ...
[[nodiscard]] TCPKIT_API std::string describe_no_copy(const Error& error);

/// Rows of the catalogue that tell most about a running service, about 20: what a list of sockets shows.
[[nodiscard]] TCPKIT_API std::span<const Option* const> telling_options();

}  // namespace tcpkit
