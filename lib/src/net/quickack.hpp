#pragma once

#include <span>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <tcpkit/sock/settings.hpp>

namespace tcpkit {

/// As of every option, the last setting counts.
inline bool asks_for_quickack_always(std::span<const Setting> settings) noexcept {
  bool always = false;
  for (const Setting& setting : settings) {
    if (setting.level == IPPROTO_TCP && setting.number == TCP_QUICKACK) always = setting.always;
  }
  return always;
}

/// TCP_QUICKACK holds until the kernel thinks better of it (tcp(7)): after each read it is set anew.
inline void rearm_quickack(int socket) noexcept {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

}  // namespace tcpkit
