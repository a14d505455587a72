#pragma once

#include <span>
#include <string>
#include <string_view>

#include <tcpkit/report/report.hpp>
#include <tcpkit/sock/value.hpp>

#include "row_words.hpp"

/// Fields of a report made from columns of a table row. A column without a label or without text is for machine formats
/// only.

[[nodiscard]] tcpkit::Field row_field(std::string key, std::string label, tcpkit::Data data, std::string text);

/// A column of one word or short line; null when empty.
[[nodiscard]] tcpkit::Field row_text(std::string key, std::string label, std::string_view text);

/// A column that holds one of a few values.
[[nodiscard]] tcpkit::Field row_term(std::string key, std::string label, const Term& term);

/// A column of sentences: a paragraph in text output; null when empty.
[[nodiscard]] tcpkit::Field row_prose(std::string key, std::string_view text);

/// A line for people about columns that machine formats have elsewhere: it has no key.
[[nodiscard]] tcpkit::Field text_line(std::string label, std::string text);

/// "0 = system default, 1 = ..."
[[nodiscard]] std::string special_words(std::span<const tcpkit::NamedNumber> special);
