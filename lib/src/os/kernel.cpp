#include "os/kernel.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/descriptor.hpp"
#include "os/errno_code.hpp"

namespace tcpkit::os {
namespace {

class RealKernel final : public Kernel {
 public:
  std::error_code get_option(int socket, int level, int number, void* out, std::size_t& length) override {
    auto returned = static_cast<socklen_t>(length);
    if (::getsockopt(socket, level, number, out, &returned) != 0) return errno_code(errno);
    length = returned;
    return {};
  }

  std::error_code set_option(int socket, int level, int number, const void* value, std::size_t length) override {
    if (::setsockopt(socket, level, number, value, static_cast<socklen_t>(length)) != 0) return errno_code(errno);
    return {};
  }

  std::error_code read_file(const char* path, std::string& content) override {
    const Descriptor file(::open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) return errno_code(errno);
    content.clear();
    std::array<char, 4096> block;
    for (;;) {
      const ssize_t got = ::read(file.get(), block.data(), block.size());
      if (got == 0) return {};
      if (got > 0) {
        content.append(block.data(), static_cast<std::size_t>(got));
      } else if (errno != EINTR) {
        return errno_code(errno);
      }
    }
  }
};

}  // namespace

Kernel& real_kernel() noexcept {
  static RealKernel kernel;
  return kernel;
}

}  // namespace tcpkit::os
