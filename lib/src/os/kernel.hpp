#pragma once

#include <cstddef>
#include <string>
#include <system_error>

/// The one thin door to the operating system for socket facts. Tests put a fake behind it to reach what the
/// kernel at hand will not do: an older kernel, a seccomp filter, a /proc that cannot be read.
namespace tcpkit::os {

class Kernel {
 public:
  virtual ~Kernel() = default;

  /// getsockopt(2). `length` is the room in `out` on entry and what the kernel returned on success.
  virtual std::error_code get_option(int socket, int level, int number, void* out, std::size_t& length) = 0;

  /// setsockopt(2).
  virtual std::error_code set_option(int socket, int level, int number, const void* value, std::size_t length) = 0;

  /// The whole of a small file, or the errno of open or read.
  virtual std::error_code read_file(const char* path, std::string& content) = 0;
};

/// The kernel this process runs on. Thread-safe.
Kernel& real_kernel() noexcept;

}  // namespace tcpkit::os
