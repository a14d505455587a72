#pragma once

#include <string>
#include <system_error>

/// The name programs match on: "ECONNREFUSED", "EAI_NONAME", "bad_value"; "<category>:<number>" for what has no name.
[[nodiscard]] std::string error_name(const std::error_code& code);
