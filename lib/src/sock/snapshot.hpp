#pragma once

#include <tcpkit/sock/snapshot.hpp>

#include "os/kernel.hpp"

namespace tcpkit {

/// take_snapshot() through a given kernel.
Snapshot take_snapshot(os::Kernel& kernel, int socket);

}  // namespace tcpkit
