#pragma once

#include <optional>
#include <span>
#include <string_view>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/units.hpp>
#include <tcpkit/report/report.hpp>
#include <tcpkit/sock/value.hpp>

namespace tcpkit {

/// A decoded value as data: a structure becomes an object, numbers an array, nothing null.
[[nodiscard]] TCPKIT_API Data to_data(const std::optional<Value>& value);

/// {"name": number, ...}
[[nodiscard]] TCPKIT_API Data to_data(std::span<const NamedNumber> names);

/// A number, or null.
[[nodiscard]] TCPKIT_API Data number_or_null(std::optional<std::uint64_t> number);

/// Whole microseconds.
[[nodiscard]] TCPKIT_API Data microseconds(Nanoseconds time);

/// A text, or null for an empty one.
[[nodiscard]] TCPKIT_API Data text_or_null(std::string_view text);

}  // namespace tcpkit
