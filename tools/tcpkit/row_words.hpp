#pragma once

#include <string>
#include <string_view>

#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/sysctl.hpp>
#include <tcpkit/sock/tcp_info.hpp>

/// What the columns of the catalogue, sysctl and TCP_INFO tables mean in words. explain and the man page share them.

/// A value of a column: for programs and for people.
struct Term {
  std::string_view id;     ///< "before-connect"
  std::string_view words;  ///< "before connect or listen: it shapes the handshake"
};

[[nodiscard]] Term kind_term(tcpkit::Kind kind);
[[nodiscard]] Term kind_term(tcpkit::SysctlKind kind);
[[nodiscard]] Term kind_term(tcpkit::FieldKind kind);

/// When to set it.
[[nodiscard]] Term phase_term(const tcpkit::Option& option);

[[nodiscard]] Term access_term(tcpkit::Access access);
[[nodiscard]] Term nature_term(tcpkit::Nature nature);
[[nodiscard]] Term applies_term(tcpkit::Applies applies);
[[nodiscard]] std::string_view inherit_words(tcpkit::Inherit inherit);

/// Whether `min` and `max` of the row are numbers that a setting must lie between.
[[nodiscard]] bool has_range(const tcpkit::Option& option);

/// "on or off", "1 to 32767 s", "at most 16 bytes", the names of an enumeration; empty for what cannot be set.
[[nodiscard]] std::string range_words(const tcpkit::Option& option);

/// "a, b or c" from the names of a row.
[[nodiscard]] std::string name_list(std::span<const tcpkit::NamedNumber> names, std::string_view last_separator);
