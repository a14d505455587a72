#include "passed_sockets.hpp"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tcpkit/base/units.hpp>

using namespace tcpkit;

namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// Children of the process they were meant for may have them in their environment, too.
bool are_for_us() {
  const Result<std::int64_t> pid = parse_integer(environment("LISTEN_PID"), 1, INT_MAX);
  return pid && *pid == ::getpid() && !environment("LISTEN_FDS").empty();
}

int number_of(int socket, int option) {
  int number = -1;
  socklen_t length = sizeof(number);
  return ::getsockopt(socket, SOL_SOCKET, option, &number, &length) == 0 ? number : -1;
}

bool listens_to_tcp(int socket) {
  const int family = number_of(socket, SO_DOMAIN);
  const int protocol = number_of(socket, SO_PROTOCOL);
  return (family == AF_INET || family == AF_INET6) && (protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP) &&
         number_of(socket, SO_ACCEPTCONN) == 1;
}

/// One name after the other; they run out where fewer were given.
std::string take_name(std::string_view& names) {
  const std::size_t end = names.find(':');
  std::string name(names.substr(0, end));
  names.remove_prefix(end == std::string_view::npos ? names.size() : end + 1);
  return name;
}

Result<void> check(const PassedSocket& socket) {
  if (::fcntl(socket.descriptor, F_SETFD, FD_CLOEXEC) != 0) {
    return system_error(errno, fmt::format("take over descriptor {} of LISTEN_FDS", socket.descriptor));
  }
  if (listens_to_tcp(socket.descriptor)) return {};
  return bad_value(fmt::format("LISTEN_FDS: {} is not a TCP socket that listens", describe_passed(socket)));
}

}  // namespace

std::string describe_passed(const PassedSocket& socket) {
  const std::string name = socket.name.empty() ? "" : escape(socket.name) + " ";
  return fmt::format("socket {}passed as descriptor {}", name, socket.descriptor);
}

Result<std::vector<PassedSocket>> passed_sockets() {
  if (!are_for_us()) return std::vector<PassedSocket>();
  const Result<std::int64_t> count = parse_integer(environment("LISTEN_FDS"), 0, INT_MAX - kFirst);
  if (!count) return bad_value("LISTEN_FDS: " + count.error().doing);
  std::string_view names = environment("LISTEN_FDNAMES");
  std::vector<PassedSocket> sockets;
  for (int descriptor = kFirst; descriptor < kFirst + *count; ++descriptor) {
    PassedSocket socket{.descriptor = descriptor, .address = {}, .name = take_name(names)};
    if (auto checked = check(socket); !checked) return checked.error();
    socket.address = local_endpoint(descriptor);
    sockets.push_back(std::move(socket));
  }
  return sockets;
}
