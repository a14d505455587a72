#pragma once

#include <system_error>

namespace tcpkit::os {

/// An errno value as the code that the rest of the program compares with.
inline std::error_code errno_code(int errno_value) {
  return {errno_value, std::system_category()};
}

}  // namespace tcpkit::os
