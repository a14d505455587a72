#pragma once

#include <string>
#include <string_view>

#include <tcpkit/base/result.hpp>

/// What a line `.\" @NAME@` or `.\" @NAME ARGUMENT@` of a page template stands for, as mdoc. Fails when there is no
/// section of that name, or no command called `argument`.
[[nodiscard]] tcpkit::Result<std::string> man_section(std::string_view name, std::string_view argument);
