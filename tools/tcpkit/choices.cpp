#include "choices.hpp"

#include <fmt/format.h>

namespace {

template <class Show>
std::string joined(const Words& words, Show show) {
  std::string list;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string_view separator = at == 0 ? "" : at + 1 == words.size() ? " or " : ", ";
    list += fmt::format("{}{}", separator, show(words[at]));
  }
  return list;
}

}  // namespace

std::string listed(const Words& words) {
  return joined(words, [](const Word& word) { return word.text; });
}

std::string listed_with_briefs(const Words& words) {
  return joined(words, [](const Word& word) {
    return word.brief.empty() ? word.text : fmt::format("{} ({})", word.text, word.brief);
  });
}
