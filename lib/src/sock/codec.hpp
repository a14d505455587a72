#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <system_error>
#include <vector>

#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/reading.hpp>

#include "os/kernel.hpp"

/// Between the kernel's bytes and values, by the kind of the row.
namespace tcpkit {

/// Why an option of the kernel has no value on a multipath socket.
inline constexpr std::string_view kNotOnMultipath = "not offered on multipath sockets";

/// The value in the bytes the kernel returned, or nothing when there are too few of them for the kind.
std::optional<Value> decode(const Option& option, std::span<const std::byte> bytes);

/// The bytes for setsockopt. The value has the alternative that decode() gives for the row's kind; for
/// Linger and Words the members stand in the kernel's order.
std::vector<std::byte> encode(const Option& option, const Value& value);

/// read_option() through a given kernel.
OptionReading read_option(os::Kernel& kernel, int socket, const Option& option);

/// setsockopt through a given kernel.
std::error_code write_option(os::Kernel& kernel, int socket, const Option& option, const Value& value);

}  // namespace tcpkit
