#pragma once

#include <string>
#include <string_view>

/// Width of help texts, on a terminal or not: they are read side by side with a manual page.
inline constexpr std::size_t kHelpWidth = 80;

/// `text` broken between words so that no line is longer than kHelpWidth, each line after `indent` spaces, each ended
/// by a newline. A word that is too long stays whole.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t indent);

/// A term and its explanation side by side, the explanation from `column` on; below the term where that is too long.
[[nodiscard]] std::string definition(std::string_view term, std::string_view text, std::size_t column);
