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

/// What machine formats make of a report, its schema aside: an object in which sections with a key are objects, and of
/// several values with one key the first stays.
[[nodiscard]] TCPKIT_API DataObject to_object(const Report& report);

/// The member with this key, or nullptr; also where `data` is no object.
[[nodiscard]] TCPKIT_API const Data* find_member(const Data& data, std::string_view key);

}  // namespace tcpkit
