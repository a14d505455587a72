#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

/// What a terminal can show.
enum class Glyphs : std::uint8_t { Ascii, Blocks };

/// The greatest number that is there; 0 where there is none above it. Pure.
[[nodiscard]] double greatest(std::span<const std::optional<double>> series);

/// The last `columns` numbers of a series as a row of small bars, one column each, the greatest of them at full
/// height. A number that is not there is a blank. The lowest bar is a zero and nothing else, so that absent, zero and
/// small stay three things; less than zero counts as zero. Pure.
[[nodiscard]] std::string sparkline(std::span<const std::optional<double>> series, std::size_t columns, Glyphs glyphs);
