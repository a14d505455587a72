#pragma once

#include <asio/experimental/as_tuple.hpp>
#include <system_error>

#include <asio/error.hpp>
#include <asio/use_awaitable.hpp>

namespace tcpkit {

/// Completion token of the control path: a coroutine gets the error as a value, not as an exception.
/// asio::experimental has it since 1.21 and keeps the name.
inline constexpr auto kAwait = asio::experimental::as_tuple(asio::use_awaitable);

/// Asio has a category of its own for errno values; the rest of the program compares with the standard one.
inline std::error_code standard(const std::error_code& code) {
  return code.category() == asio::error::get_system_category() ? std::error_code(code.value(), std::system_category())
                                                               : code;
}

}  // namespace tcpkit
