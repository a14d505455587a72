#pragma once

#include <string>

/// The tables of the library as mdoc lists, one entry a row.

[[nodiscard]] std::string option_rows();
[[nodiscard]] std::string rule_rows();
[[nodiscard]] std::string sysctl_rows();
[[nodiscard]] std::string tcp_info_rows();
