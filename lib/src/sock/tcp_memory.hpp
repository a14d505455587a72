#pragma once

#include <tcpkit/sock/tcp_memory.hpp>

#include "os/kernel.hpp"

namespace tcpkit {

/// The public function through a given kernel.
Result<std::uint64_t> read_tcp_memory_pages(os::Kernel& kernel);

}  // namespace tcpkit
