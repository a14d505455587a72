#pragma once

#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/tcp_info.hpp>

#include "os/kernel.hpp"

namespace tcpkit {

/// TcpInfo::read() through a given kernel.
Result<TcpInfo> read_tcp_info(os::Kernel& kernel, int socket);

}  // namespace tcpkit
