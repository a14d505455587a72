#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace tcpkit {

/// TCP_QUICKACK holds until the kernel thinks better of it (tcp(7)): after each read it is set anew.
inline void rearm_quickack(int socket) noexcept {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

}  // namespace tcpkit
