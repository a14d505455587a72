#include "os/interface.hpp"

#include <array>
#include <string>

#include <net/if.h>

#include <tcpkit/base/units.hpp>

namespace tcpkit::os {

std::optional<std::uint32_t> find_interface(std::string_view name_or_index) {
  // The system's functions would see only the part before a zero byte.
  if (name_or_index.find('\0') != std::string_view::npos) return std::nullopt;
  if (const unsigned index = ::if_nametoindex(std::string(name_or_index).c_str()); index != 0) return index;
  const Result<std::int64_t> number = parse_integer(name_or_index, 1, INT32_MAX);
  if (!number) return std::nullopt;
  const auto index = static_cast<std::uint32_t>(*number);
  std::array<char, IF_NAMESIZE> name = {};
  return ::if_indextoname(index, name.data()) != nullptr ? std::optional(index) : std::nullopt;
}

}  // namespace tcpkit::os
