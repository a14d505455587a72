#include "service_manager.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

using namespace tcpkit;

namespace {

/// A path, or "@" for the NUL byte that abstract addresses begin with: unix(7).
bool fill(std::string_view path, sockaddr_un& address) {
  if ((path.front() != '/' && path.front() != '@') || path.size() > sizeof(address.sun_path)) return false;
  address.sun_family = AF_UNIX;
  std::ranges::copy(path, address.sun_path);
  if (path.front() == '@') address.sun_path[0] = '\0';
  return true;
}

Error notify_error(int errno_value) {
  return system_error(errno_value, "tell the service manager at NOTIFY_SOCKET");
}

}  // namespace

Result<void> tell_service_manager(std::string_view state) {
  constexpr timeval kPatience{.tv_sec = 1, .tv_usec = 0};
  const char* path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr || *path == '\0') return {};
  sockaddr_un address{};
  if (!fill(path, address)) return notify_error(EAFNOSUPPORT);
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return notify_error(errno);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::string_view(path).size());
  const ssize_t sent =
      ::sendto(socket, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address), length);
  const int failure = sent < 0 ? errno : 0;
  ::close(socket);
  return failure == 0 ? Result<void>() : notify_error(failure);
}
