#pragma once

#include <tcpkit/sock/settings.hpp>

#include "os/kernel.hpp"

namespace tcpkit {

/// setsockopt for one setting, known or raw.
std::error_code write_setting(os::Kernel& kernel, int socket, const Setting& setting);

/// apply() through a given kernel.
Result<void> apply(os::Kernel& kernel, int socket, std::span<const Setting> settings, Moment moment);

/// What the user is told when the kernel answers `code` to a setting.
Error refused(const Setting& setting, std::error_code code);

/// The same, where the socket is at hand: it may be of a family that has no such option.
Error refused(os::Kernel& kernel, int socket, const Setting& setting, std::error_code code);

}  // namespace tcpkit
