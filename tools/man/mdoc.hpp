#pragma once

#include <string>
#include <string_view>

/// Text made safe for a line of an mdoc page: backslashes, dashes and quotes keep their looks, a leading dot or
/// apostrophe is not a request. For text lines.
[[nodiscard]] std::string mdoc_text(std::string_view text);

/// The same for one argument of a macro: quoted, so that neither spaces nor words like "Ar" mean anything.
[[nodiscard]] std::string mdoc_argument(std::string_view text);

/// Plain sentences as text lines, each sentence on its own, as mdoc wants it.
[[nodiscard]] std::string mdoc_sentences(std::string_view text);
