#pragma once

#include <string>

/// Now, by the clock and in the time zone of this host: "14:03:59".
[[nodiscard]] std::string time_of_day();

/// Now, in UTC (RFC 3339): "2026-01-31T14:03:59.123Z".
[[nodiscard]] std::string time_stamp();
