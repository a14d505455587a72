#pragma once

#include <string>
#include <string_view>

#include <tcpkit/base/api.hpp>
#include <tcpkit/sock/value.hpp>

namespace tcpkit {

/// "bytes", "s", "ms", "us", "segments" ...; empty for Unit::None.
[[nodiscard]] TCPKIT_API std::string_view unit_name(Unit unit) noexcept;

/// The value for a reader: "on", "131072 (128 KiB)", "7200 s (2 h)", "4096 131072 33554432", "bbr".
/// Text values are escaped.
[[nodiscard]] TCPKIT_API std::string format_value(const Value& value, Unit unit);

}  // namespace tcpkit
