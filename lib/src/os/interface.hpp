#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tcpkit::os {

/// The index of an interface of the calling thread's network namespace, by its name or its index in decimal.
std::optional<std::uint32_t> find_interface(std::string_view name_or_index);

}  // namespace tcpkit::os
