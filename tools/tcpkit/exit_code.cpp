#include "exit_code.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace {

constexpr std::array kStatuses{
    ExitStatus{"0", "Done, and every check asked for held."},
    ExitStatus{"1", "Ran, but a check failed."},
    ExitStatus{"2", "Wrong command line, or a value outside an option's range."},
    ExitStatus{"3", "The name could not be resolved."},
    ExitStatus{"4", "Refused, reset or unreachable."},
    ExitStatus{"5", "A timeout or deadline passed."},
    ExitStatus{"6", "Permission denied."},
    ExitStatus{"7", "This kernel does not support it."},
    ExitStatus{"8", "A local limit was hit, an address is in use, or output cannot be written."},
    ExitStatus{"9", "Internal error: a bug in tcpkit."},
    ExitStatus{"128+N", "Ended by signal N."},
};

struct ErrnoStatus {
  int errno_value;
  ExitCode code;
};

constexpr std::array kErrnos{
    ErrnoStatus{ECONNREFUSED, ExitCode::Unreachable}, ErrnoStatus{ECONNRESET, ExitCode::Unreachable},
    ErrnoStatus{EHOSTUNREACH, ExitCode::Unreachable}, ErrnoStatus{ENETUNREACH, ExitCode::Unreachable},
    ErrnoStatus{ENETDOWN, ExitCode::Unreachable},     ErrnoStatus{EHOSTDOWN, ExitCode::Unreachable},
    ErrnoStatus{ECONNABORTED, ExitCode::Unreachable}, ErrnoStatus{ENODEV, ExitCode::Unreachable},
    ErrnoStatus{ENONET, ExitCode::Unreachable},       ErrnoStatus{EPROTO, ExitCode::Unreachable},
    ErrnoStatus{EPIPE, ExitCode::Unreachable},        ErrnoStatus{ETIMEDOUT, ExitCode::Timeout},
    ErrnoStatus{EPERM, ExitCode::Permission},         ErrnoStatus{EACCES, ExitCode::Permission},
    ErrnoStatus{ENOPROTOOPT, ExitCode::Unsupported},  ErrnoStatus{EOPNOTSUPP, ExitCode::Unsupported},
    ErrnoStatus{EAFNOSUPPORT, ExitCode::Unsupported}, ErrnoStatus{EPROTONOSUPPORT, ExitCode::Unsupported},
    ErrnoStatus{EMFILE, ExitCode::LocalLimit},        ErrnoStatus{ENFILE, ExitCode::LocalLimit},
    ErrnoStatus{ENOBUFS, ExitCode::LocalLimit},       ErrnoStatus{ENOMEM, ExitCode::LocalLimit},
    ErrnoStatus{EADDRINUSE, ExitCode::LocalLimit},    ErrnoStatus{EADDRNOTAVAIL, ExitCode::LocalLimit},
    ErrnoStatus{ENOSPC, ExitCode::LocalLimit},        ErrnoStatus{EBADF, ExitCode::LocalLimit},
    ErrnoStatus{EIO, ExitCode::LocalLimit},           ErrnoStatus{EAGAIN, ExitCode::LocalLimit},
    ErrnoStatus{ENOSYS, ExitCode::Unsupported},       ErrnoStatus{ESRCH, ExitCode::CheckFailed},
    ErrnoStatus{ENOENT, ExitCode::CheckFailed},       ErrnoStatus{ESTALE, ExitCode::CheckFailed},
    ErrnoStatus{EINVAL, ExitCode::Unreachable},  // a blackhole route (net/ipv4/fib_semantics.c, fib_props)
};

ExitCode of_errno(int errno_value) {
  const auto* row = std::ranges::find(kErrnos, errno_value, &ErrnoStatus::errno_value);
  return row == kErrnos.end() ? ExitCode::Internal : row->code;
}

}  // namespace

std::span<const ExitStatus> exit_statuses() {
  return kStatuses;
}

ExitCode exit_code(const tcpkit::Error& error) {
  if (error.code == tcpkit::Errc::bad_value) return ExitCode::Usage;
  if (error.code == tcpkit::Errc::unsupported_option) return ExitCode::Unsupported;
  if (error.code.category() == tcpkit::resolver_category()) return ExitCode::Resolution;
  const bool from_kernel =
      error.code.category() == std::system_category() || error.code.category() == std::generic_category();
  return from_kernel ? of_errno(error.code.value()) : ExitCode::Internal;
}

ExitCode ended_by_signal(int signal) {
  return static_cast<ExitCode>(128 + signal);
}
