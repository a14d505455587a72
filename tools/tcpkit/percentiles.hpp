#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/base/result.hpp>

/// "50,99.9": each in (0, 100], with at most 6 digits after the point. In the order given, each once.
[[nodiscard]] tcpkit::Result<std::vector<double>> parse_percentiles(std::string_view text);

/// The name of a percentile in machine formats: "p50", "p99_9".
[[nodiscard]] std::string percentile_key(double percent);

/// The name that people read: "p50", "p99.9".
[[nodiscard]] std::string percentile_label(double percent);
