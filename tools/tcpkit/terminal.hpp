#pragma once

#include <array>

#include "choices.hpp"

enum class ColourTime : std::uint8_t { Auto, Always, Never };

inline constexpr std::array kColourTimes{
    Meaning<ColourTime>{"auto", ColourTime::Auto, "on a terminal, unless NO_COLOR is set or TERM is dumb"},
    Meaning<ColourTime>{"always", ColourTime::Always},
    Meaning<ColourTime>{"never", ColourTime::Never},
};

/// Whether a line on standard error can be drawn over: a terminal, and not a dumb one.
[[nodiscard]] bool can_redraw();

/// Whether text on stdout is coloured: always, never, or automatically on a terminal that is neither dumb nor told not
/// to by NO_COLOR (https://no-color.org).
[[nodiscard]] bool colour_wanted(ColourTime when);

/// Columns of text on stdout: COLUMNS, or the terminal's width, or 80.
[[nodiscard]] int text_width();
