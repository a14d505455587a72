#pragma once

#include <string>
#include <string_view>

#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/sysctl.hpp>
#include <tcpkit/sock/tcp_info.hpp>

/// What the columns of the catalogue, sysctl and TCP_INFO tables mean in words. explain and the man page share them.

[[nodiscard]] std::string_view kind_words(tcpkit::Kind kind);
[[nodiscard]] std::string_view kind_words(tcpkit::SysctlKind kind);
[[nodiscard]] std::string_view kind_words(tcpkit::FieldKind kind);

/// When to set it: "before connect or listen, ...".
[[nodiscard]] std::string_view phase_words(const tcpkit::Option& option);

[[nodiscard]] std::string_view access_words(tcpkit::Access access);
[[nodiscard]] std::string_view nature_words(tcpkit::Nature nature);
[[nodiscard]] std::string_view applies_words(tcpkit::Applies applies);
[[nodiscard]] std::string_view inherit_words(tcpkit::Inherit inherit);

/// Whether `min` and `max` of the row are numbers that a setting must lie between.
[[nodiscard]] bool has_range(const tcpkit::Option& option);

/// "on or off", "1 to 32767 s", "at most 16 bytes", the names of an enumeration; empty for what cannot be set.
[[nodiscard]] std::string range_words(const tcpkit::Option& option);

/// "a, b or c" from the names of a row.
[[nodiscard]] std::string name_list(std::span<const tcpkit::NamedNumber> names, std::string_view last_separator);
