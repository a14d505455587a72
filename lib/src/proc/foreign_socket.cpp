#include <tcpkit/proc/foreign_socket.hpp>

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <tcpkit/base/units.hpp>

#include "os/descriptor.hpp"

namespace tcpkit {
namespace {

// The same on every architecture; newer than some C libraries' wrappers.
constexpr long kPidfdOpen = 434;
constexpr long kPidfdGetfd = 438;

// Newer than some headers; the same wherever SO_COOKIE is not defined by them.
#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

/// A pidfd, or none with errno set.
os::Descriptor open_process(std::int64_t pid) {
  if (pid <= 0 || pid > INT32_MAX) {
    errno = ESRCH;
    return {};
  }
  return os::Descriptor(static_cast<int>(::syscall(kPidfdOpen, static_cast<int>(pid), 0U)));
}

os::Descriptor copy_of(int pidfd, int fd) {
  return os::Descriptor(static_cast<int>(::syscall(kPidfdGetfd, pidfd, fd, 0U)));
}

/// A process may always look into itself (ptrace_may_access() of kernel/ptrace.c), so that EPERM there comes from a
/// seccomp filter: container engines answer with it to what they do not allow.
bool filter_forbids_copying() {
  static const bool kForbidden = [] {
    const os::Descriptor self = open_process(::getpid());
    return (!self || !copy_of(self.get(), self.get())) && errno == EPERM;
  }();
  return kForbidden;
}

Error cannot_copy(const SocketHolder& holder, int errno_value) {
  if (errno_value == EPERM && filter_forbids_copying()) errno_value = ENOSYS;
  return system_error(
      errno_value, fmt::format("copy descriptor {} of process {} ({})", holder.fd, holder.pid, escape(holder.command)));
}

/// Of SO_LINGER: off, or a reset instead of a wait.
bool lingers_not(const Value& linger) {
  const auto* members = std::get_if<Structure>(&linger);
  return members != nullptr && std::ranges::any_of(*members, [](const Member& member) { return member.value == 0; });
}

/// 0 where it is the socket meant, else why it is not.
int compare(int descriptor, std::uint64_t cookie) {
  std::uint64_t found = 0;
  socklen_t length = sizeof(found);
  if (::getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &found, &length) != 0) return errno;
  return cookie == 0 || found == cookie ? 0 : ESTALE;
}

}  // namespace

struct ProcessDoors::State {
  static constexpr std::size_t kMost = 16;  // hosts give a process 1024 descriptors, and these are of use in turn
  std::map<std::int64_t, os::Descriptor> open;

  /// A descriptor of the process's, or none with errno set.
  os::Descriptor copy(const SocketHolder& holder) {
    const auto known = open.find(holder.pid);
    if (known != open.end()) {
      os::Descriptor copied = copy_of(known->second.get(), holder.fd);
      if (copied || errno != ESRCH) return copied;
      open.erase(known);  // it has ended, and its number may be another process's by now
    }
    os::Descriptor door = open_process(holder.pid);
    if (!door) return {};
    os::Descriptor copied = copy_of(door.get(), holder.fd);
    const int why = errno;
    if (open.size() == kMost) open.clear();
    open.emplace(holder.pid, std::move(door));
    errno = why;
    return copied;
  }
};

ProcessDoors::ProcessDoors() : state_(std::make_unique<State>()) {}
ProcessDoors::ProcessDoors(ProcessDoors&& other) noexcept = default;
ProcessDoors& ProcessDoors::operator=(ProcessDoors&& other) noexcept = default;
ProcessDoors::~ProcessDoors() = default;

Result<ForeignSocket> ForeignSocket::copy(const SocketHolder& holder, std::uint64_t cookie, ProcessDoors& doors,
                                          CopyCloser& closer) {
  os::Descriptor copied = doors.state_->copy(holder);
  if (!copied) return cannot_copy(holder, errno);
  ForeignSocket socket(copied.release(), closer);
  if (const int why = compare(socket.descriptor(), cookie); why != 0) return cannot_copy(holder, why);
  return socket;
}

Result<ForeignSocket> ForeignSocket::copy(const SocketHolder& holder, std::uint64_t cookie, CopyCloser& closer) {
  ProcessDoors doors;
  return copy(holder, cookie, doors, closer);
}

ForeignSocket::ForeignSocket(ForeignSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      closer_(other.closer_),
      closes_at_once_(other.closes_at_once_) {}

ForeignSocket& ForeignSocket::operator=(ForeignSocket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(closer_, other.closer_);
  std::swap(closes_at_once_, other.closes_at_once_);
  return *this;
}

ForeignSocket::~ForeignSocket() {
  if (descriptor_ < 0) return;
  closes_at_once_ ? static_cast<void>(::close(descriptor_)) : closer_->close(descriptor_);
}

OptionReading ForeignSocket::read(const Option& option) {
  static const Option* const kLinger = find_option("SO_LINGER");
  OptionReading reading = read_option(descriptor_, option);
  closes_at_once_ = &option == kLinger && reading.value && lingers_not(*reading.value);
  return reading;
}

std::string describe_no_copy(const Error& error) {
  switch (error.code.category() == std::system_category() ? error.code.value() : 0) {
    case EPERM:
    case EACCES:
      return "unreadable: not permitted (it takes the same user and a dumpable process, or CAP_SYS_PTRACE; Yama's "
             "kernel.yama.ptrace_scope may ask for more)";
    case ENOSYS:
      return "unreadable: no pidfd_getfd(2) here (Linux before 5.6, or a seccomp filter that forbids it)";
    case ESRCH:
      return "gone: the process has ended";
    case EBADF:
      return "gone: the process has closed it";
    case ESTALE:
      return "gone: the descriptor is another socket by now";
    case ENOTSOCK:
      return "gone: the descriptor is no socket any more";
    case EMFILE:
    case ENFILE:
      return "unreadable: no descriptor left for a copy (see ulimit -n)";
    default:
      return "unreadable: " + error.code.message();
  }
}

std::span<const Option* const> telling_options() {
  static const std::vector<const Option*> kTelling = [] {
    std::vector<const Option*> rows;
    for (const Option& row : options()) {
      if (row.telling) rows.push_back(&row);
    }
    return rows;
  }();
  return kTelling;
}

}  // namespace tcpkit
