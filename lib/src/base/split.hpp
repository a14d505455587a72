#pragma once

#include <string_view>
#include <vector>

namespace tcpkit {

/// The parts between separators, in order; a part may be empty, and there is always at least one.
inline std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// The parts that blanks separate; none is empty, and there may be none.
inline std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> parts = split(text, ' ');
  std::erase(parts, std::string_view());
  return parts;
}

}  // namespace tcpkit
