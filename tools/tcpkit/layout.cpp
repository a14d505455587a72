#include "layout.hpp"

namespace {

/// Cuts the first word off `text`; empty when there is none.
std::string_view take_word(std::string_view& text) {
  const std::size_t start = text.find_first_not_of(' ');
  if (start == std::string_view::npos) return {};
  text.remove_prefix(start);
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent) {
  const std::string margin(indent, ' ');
  std::string lines = margin;
  std::size_t column = indent;
  for (std::string_view word = take_word(text); !word.empty(); word = take_word(text)) {
    const bool at_start = column == indent;
    if (!at_start && column + 1 + word.size() > kHelpWidth) {
      lines += "\n" + margin;
      column = indent;
    } else if (!at_start) {
      lines += ' ';
      ++column;
    }
    lines += word;
    column += word.size();
  }
  return lines + "\n";
}

std::string definition(std::string_view term, std::string_view text, std::size_t column) {
  constexpr std::size_t kIndent = 2;
  std::string line = std::string(kIndent, ' ') + std::string(term);
  const std::string explanation = wrapped(text, column);
  if (line.size() + 2 > column) return line + "\n" + explanation;
  line.append(column - line.size(), ' ');
  return line + explanation.substr(column);
}
