#include "mdoc.hpp"

#include <cctype>

namespace {

/// mandoc_char(7): what roff would draw differently or obey.
std::string_view roff_name(char byte) {
  switch (byte) {
    case '\\':
      return "\\e";
    case '-':
      return "\\-";
    case '\'':
      return "\\(aq";
    case '`':
      return "\\(ga";
    case '^':
      return "\\(ha";
    case '~':
      return "\\(ti";
    default:
      return {};
  }
}

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings) {
  for (const std::string_view ending : endings) {
    if (text.ends_with(ending)) return true;
  }
  return false;
}

/// Where the next sentence ends: after a full stop that a capital letter follows, and that no abbreviation owns.
std::size_t sentence_end(std::string_view text) {
  for (std::size_t at = 0; at + 2 < text.size(); ++at) {
    const bool stop = text[at] == '.' && text[at + 1] == ' ';
    const bool next_starts = std::isupper(static_cast<unsigned char>(text[at + 2])) != 0;
    if (stop && next_starts && !ends_with_any(text.substr(0, at + 1), {"e.g.", "i.e.", "etc."})) return at + 1;
  }
  return text.size();
}

}  // namespace

std::string mdoc_text(std::string_view text) {
  std::string safe;
  for (const char byte : text) {
    const std::string_view name = roff_name(byte);
    if (name.empty()) {
      safe += byte;
    } else {
      safe += name;
    }
  }
  return safe.starts_with('.') ? "\\&" + safe : safe;
}

std::string mdoc_argument(std::string_view text) {
  std::string argument = "\"";
  for (const char byte : text) {
    if (byte == '"') {
      argument += "\\(dq";
    } else {
      argument += mdoc_text({&byte, 1});
    }
  }
  return argument + "\"";
}

std::string mdoc_sentences(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = sentence_end(text);
    lines += mdoc_text(text.substr(0, end)) + "\n";
    text.remove_prefix(end);
    while (text.starts_with(' ')) text.remove_prefix(1);
  }
  return lines;
}
