#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <tcpkit/sock/value.hpp>

namespace tcpkit {

/// The name of the number, or empty when it has none.
std::string_view name_of(std::span<const NamedNumber> names, std::uint64_t number) noexcept;

/// "sndbuf rcvbuf"; bits without a name are added as one hexadecimal number; "none" for 0.
std::string format_flags(std::span<const NamedNumber> names, std::uint64_t bits);

}  // namespace tcpkit
