#pragma once

#include <cstddef>
#include <string_view>

/// Letters of names, whatever the locale.
namespace tcpkit {

constexpr bool is_separator(char character) {
  return character == '-' || character == '_';
}

constexpr char lower_case(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
}

/// Equal but for case, '-' and '_'.
constexpr bool same_spelling(std::string_view one, std::string_view other) {
  std::size_t i = 0;
  std::size_t j = 0;
  for (;;) {
    while (i < one.size() && is_separator(one[i])) ++i;
    while (j < other.size() && is_separator(other[j])) ++j;
    if (i == one.size() || j == other.size()) return i == one.size() && j == other.size();
    if (lower_case(one[i++]) != lower_case(other[j++])) return false;
  }
}

}  // namespace tcpkit
