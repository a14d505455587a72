#pragma once

#include <string_view>

#include <tcpkit/base/result.hpp>

/// Tells whoever listens at NOTIFY_SOCKET of the environment, sd_notify(3), how this service is: "READY=1". Does
/// nothing without one; waits a second at most. Thread-safe.
tcpkit::Result<void> tell_service_manager(std::string_view state);
