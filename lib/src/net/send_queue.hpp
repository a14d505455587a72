#pragma once

#include <cstdint>

#include <linux/sockios.h>
#include <sys/ioctl.h>

namespace tcpkit {

/// Bytes sent to the kernel which the other side has not acknowledged, its own FIN counted as one: tcp(7), SIOCOUTQ.
inline std::uint32_t unacked(int socket) {
  int bytes = 0;
  return ::ioctl(socket, SIOCOUTQ, &bytes) == 0 ? static_cast<std::uint32_t>(bytes) : 0;
}

}  // namespace tcpkit
