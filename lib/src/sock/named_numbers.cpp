#include "sock/named_numbers.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tcpkit {

std::string_view name_of(std::span<const NamedNumber> names, std::uint64_t number) noexcept {
  const auto found = std::ranges::find(names, number, &NamedNumber::number);
  return found == names.end() ? std::string_view{} : found->name;
}

std::string format_flags(std::span<const NamedNumber> names, std::uint64_t bits) {
  if (bits == 0) return "none";
  std::string text;
  const auto append = [&text](std::string_view word) { text.append(text.empty() ? "" : " ").append(word); };
  for (const NamedNumber& flag : names) {
    if ((bits & flag.number) == 0) continue;
    append(flag.name);
    bits &= ~flag.number;
  }
  if (bits != 0) append(fmt::format("{:#x}", bits));
  return text;
}

}  // namespace tcpkit
