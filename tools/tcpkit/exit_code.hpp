#pragma once

#include <span>
#include <string_view>

#include <tcpkit/base/result.hpp>

/// The exit statuses scripts rely on, the same in every output format.
enum class ExitCode : int {
  Done = 0,         ///< done, and every check asked for held
  CheckFailed = 1,  ///< ran, but a check failed
  Usage = 2,        ///< command line, or a value outside an option's range
  Resolution = 3,   ///< name resolution failed
  Unreachable = 4,  ///< refused, reset, unreachable
  Timeout = 5,      ///< a timeout or deadline passed
  Permission = 6,   ///< permission denied
  Unsupported = 7,  ///< this kernel does not support it
  LocalLimit = 8,   ///< local limit, address in use, output not writable
  Internal = 9,     ///< a bug
};

/// One exit status as --help and the man pages show it.
struct ExitStatus {
  std::string_view number;
  std::string_view meaning;
};

/// Every exit status, in order. The row's place is its number, except for the last, which stands for all signals.
[[nodiscard]] std::span<const ExitStatus> exit_statuses();

/// Which exit status an error ends in.
[[nodiscard]] ExitCode exit_code(const tcpkit::Error& error);

/// 128 + its number, as a shell reports it.
[[nodiscard]] ExitCode ended_by_signal(int signal);
