#pragma once

#include <string_view>

#include <tcpkit/base/result.hpp>

/// Whether a line on standard error can be drawn over: a terminal, and not a dumb one.
[[nodiscard]] bool can_redraw();

/// Whether text on stdout is coloured: "always", "never", or "auto" for a terminal that is neither dumb nor told not
/// to by NO_COLOR (https://no-color.org).
[[nodiscard]] tcpkit::Result<bool> colour_wanted(std::string_view when);

/// Columns of text on stdout: COLUMNS, or the terminal's width, or 80.
[[nodiscard]] int text_width();
