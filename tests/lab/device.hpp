#pragma once

#include <tcpkit/base/result.hpp>

#include "lab/path_end.hpp"
#include "os/descriptor.hpp"

/// Devices of the network namespace that the process is in.
namespace tcpkit::lab {

inline constexpr const char* kDevice = "path";

[[nodiscard]] Result<void> raise_loopback();

/// A TUN device that is up and has the plan's addresses; it lives as long as the descriptor, which does not block.
[[nodiscard]] Result<os::Descriptor> make_device(const EndPlan& plan);

}  // namespace tcpkit::lab
