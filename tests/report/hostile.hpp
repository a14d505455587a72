#pragma once

#include <array>
#include <string>
#include <string_view>

#include <tcpkit/report/report.hpp>

namespace tcpkit::testing {

using namespace std::string_view_literals;

/// Bytes that a peer, a file or another process could put into any string of a report.
inline constexpr std::array kHostile = {
    "\x1b[2J\x1b]0;title\x07"sv,  // clear the screen, set the window title
    "\xc2\x9b"                    // CSI as one C1 control
    "31m"sv,
    "a\nb\r\nc\td"sv,  // lines that would look like ours
    "nul\0after"sv,
    "\xff\xfe\xc3\x28\xed\xa0\x80"sv,  // no UTF-8: stray bytes, a cut sequence, a surrogate
    "\xc3"sv,                          // cut at the end
    "\xe2\x80\xae"                     // right-to-left override
    "txt"sv,
    "del\x7f"sv,
    "\"},{\\"sv,
};

/// The bytes in every string position there is, at top level and nested.
inline Report hostile_report(std::string_view bytes) {
  const std::string text(bytes);
  const Data nested{DataObject{{text, Data{DataArray{Data{text}, Data{DataObject{{text, Data{text}}}}}}}}};
  const Field fact{.key = text, .data = nested, .label = text, .text = text, .remark = text};
  const Field paragraph{.key = text + "2", .data = Data{text}, .remark = text + " " + text};
  return {text, {{text, text, {fact, paragraph}}, {"", text, {fact}}, {"", "", {paragraph, fact}}}};
}

}  // namespace tcpkit::testing
