#pragma once

#include <optional>
#include <string_view>

#include <tcpkit/sock/sysctl.hpp>

#include "os/kernel.hpp"

namespace tcpkit {

/// read_sysctl() through a given kernel.
SysctlReading read_sysctl(os::Kernel& kernel, const Sysctl& sysctl);

/// The value in the content of a sysctl's file, or nothing when the content is not of that kind.
/// Any content is safe to pass, of any length.
std::optional<Value> parse_sysctl(SysctlKind kind, std::string_view content);

}  // namespace tcpkit
