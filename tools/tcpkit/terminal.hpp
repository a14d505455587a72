#pragma once

#include <array>
#include <cstddef>

#include "choices.hpp"
#include "sparkline.hpp"

enum class ColourTime : std::uint8_t { Auto, Always, Never };

inline constexpr std::array kColourTimes{
    Meaning<ColourTime>{"auto", ColourTime::Auto, "on a terminal, unless NO_COLOR is set or TERM is dumb"},
    Meaning<ColourTime>{"always", ColourTime::Always},
    Meaning<ColourTime>{"never", ColourTime::Never},
};

/// Whether what was written to the descriptor can be drawn over: a terminal, and not a dumb one.
[[nodiscard]] bool can_redraw(int descriptor);

/// Whether this program may draw on the terminal that stdout is: a shell has not put it into the background.
[[nodiscard]] bool in_foreground();

/// What the terminal is able to show, by its locale and its kind.
[[nodiscard]] Glyphs terminal_glyphs();

/// Columns and lines of a terminal.
struct Window {
  std::size_t columns = 80;
  std::size_t lines = 24;
};

/// Of the terminal that stdout is, as it is now; the usual one where it does not tell.
[[nodiscard]] Window window_now();

/// Whether text on stdout is coloured: always, never, or automatically on a terminal that is neither dumb nor told not
/// to by NO_COLOR (https://no-color.org).
[[nodiscard]] bool colour_wanted(ColourTime when);

/// Columns of text on stdout: COLUMNS, or the terminal's width, or 80.
[[nodiscard]] int text_width();
