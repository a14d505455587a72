#include <cerrno>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <tcpkit/sock/provenance.hpp>

#include "os/descriptor.hpp"

namespace tcpkit {
namespace {

/// Sets an option and reads it back into the same place; false where the kernel, or a filter before it, refuses.
template <class T>
bool set_and_read_back(int socket, int number, T& value) {
  socklen_t length = sizeof(value);
  return ::setsockopt(socket, SOL_SOCKET, number, &value, sizeof(value)) == 0 &&
         ::getsockopt(socket, SOL_SOCKET, number, &value, &length) == 0;
}

/// What the kernel makes of a buffer size of 0: its minimum.
std::int64_t least_buffer(int socket, int number) {
  int value = 0;
  return set_and_read_back(socket, number, value) ? value : 0;
}

/// Times are kept in jiffies and rounded up: 1 us reads back as one jiffy.
std::int64_t find_jiffy_us(int socket) {
  timeval value = {0, 1};
  return set_and_read_back(socket, SO_RCVTIMEO, value) ? value.tv_sec * 1'000'000 + value.tv_usec : 0;
}

}  // namespace

Result<HostFacts> find_host_facts() {
  const os::Descriptor scratch(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP));
  if (!scratch) return system_error(errno, "make a socket to learn this kernel's rounding");
  HostFacts facts;
  facts.least_rcvbuf = least_buffer(scratch.get(), SO_RCVBUF);
  facts.least_sndbuf = least_buffer(scratch.get(), SO_SNDBUF);
  facts.jiffy_us = find_jiffy_us(scratch.get());
  return facts;
}

}  // namespace tcpkit
