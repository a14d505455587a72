#include <cerrno>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <tcpkit/sock/provenance.hpp>

#include "os/descriptor.hpp"

namespace tcpkit {
namespace {

/// What the kernel makes of a buffer size of 0: its minimum.
std::int64_t least_buffer(int socket, int number) {
  int value = 0;
  socklen_t length = sizeof(value);
  ::setsockopt(socket, SOL_SOCKET, number, &value, sizeof(value));
  ::getsockopt(socket, SOL_SOCKET, number, &value, &length);
  return value;
}

/// Times are kept in jiffies and rounded up: 1 us reads back as one jiffy.
std::int64_t find_jiffy_us(int socket) {
  timeval value = {0, 1};
  socklen_t length = sizeof(value);
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof(value));
  ::getsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &value, &length);
  return value.tv_sec * 1'000'000 + value.tv_usec;
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
