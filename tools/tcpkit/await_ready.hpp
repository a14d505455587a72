#pragma once

#include <tcpkit/net/resolve.hpp>

/// poll(2) for one descriptor until `deadline`, whatever signals come. Whether it is ready.
[[nodiscard]] bool await_ready(int descriptor, short events, tcpkit::Clock::time_point deadline);
