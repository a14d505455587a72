#include "row_field.hpp"

#include <fmt/format.h>

#include <tcpkit/report/data.hpp>

using namespace tcpkit;

Field row_field(std::string key, std::string label, Data data, std::string text) {
  const Show show = label.empty() || text.empty() ? Show::Never : Show::Always;
  return {std::move(key), std::move(data), std::move(label), std::move(text), {}, show};
}

Field row_text(std::string key, std::string label, std::string_view text) {
  return row_field(std::move(key), std::move(label), text_or_null(text), std::string(text));
}

Field row_term(std::string key, std::string label, const Term& term) {
  return row_field(std::move(key), std::move(label), {std::string(term.id)}, std::string(term.words));
}

Field row_prose(std::string key, std::string_view text) {
  return {.key = std::move(key), .data = text_or_null(text), .remark = std::string(text)};
}

Field text_line(std::string label, std::string text) {
  return {.label = std::move(label), .text = std::move(text)};
}

std::string special_words(std::span<const NamedNumber> special) {
  std::string words;
  for (const NamedNumber& row : special) {
    words += fmt::format("{}{} = {}", words.empty() ? "" : ", ", row.number, row.name);
  }
  return words;
}
