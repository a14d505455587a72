#pragma once

#include <string>

#include <tcpkit/sock/reading.hpp>

/// An option for a line with several of them: "keepidle 1800 s", "keepcnt 5", without what there is no room for. A dash
/// stands for a value that could not be read.
[[nodiscard]] std::string short_reading(const tcpkit::OptionReading& reading);

/// The value alone.
[[nodiscard]] std::string short_value(const tcpkit::Option& option, const tcpkit::Value& value);
