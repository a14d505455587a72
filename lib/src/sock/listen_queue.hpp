#pragma once

#include <cstdint>

#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/listen_queue.hpp>

#include "os/kernel.hpp"

namespace tcpkit {

inline constexpr std::uint32_t kListenState = 10;  // TCP_LISTEN of include/net/tcp_states.h

/// read_accept_queue() and read_listen_counters() through a given kernel.
Result<AcceptQueue> read_accept_queue(os::Kernel& kernel, int listener);
Result<ListenCounters> read_listen_counters(os::Kernel& kernel);

}  // namespace tcpkit
