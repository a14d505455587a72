#pragma once

#include <tcpkit/sock/net_counters.hpp>

#include "os/kernel.hpp"

namespace tcpkit {

/// NetCounters::read() through a given kernel.
Result<NetCounters> read_net_counters(os::Kernel& kernel);

}  // namespace tcpkit
