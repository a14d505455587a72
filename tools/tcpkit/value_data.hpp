#pragma once

#include <optional>
#include <span>
#include <string>

#include <tcpkit/report/report.hpp>
#include <tcpkit/sock/value.hpp>

/// A decoded value as data: a structure becomes an object, numbers an array, nothing null.
[[nodiscard]] tcpkit::Data to_data(const std::optional<tcpkit::Value>& value);

/// {"name": number, ...}
[[nodiscard]] tcpkit::Data to_data(std::span<const tcpkit::NamedNumber> names);

/// A text, or null for an empty one.
[[nodiscard]] tcpkit::Data text_or_null(std::string_view text);
