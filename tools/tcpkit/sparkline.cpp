#include "sparkline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace {

using Bars = std::array<std::string_view, 8>;

constexpr Bars kAscii = {"_", ".", ":", "-", "=", "+", "*", "#"};
constexpr Bars kBlocks = {"\u2581", "\u2582", "\u2583", "\u2584",
                          "\u2585", "\u2586", "\u2587", "\u2588"};  // block elements

bool is_there(const std::optional<double>& number) {
  return number && std::isfinite(*number);
}

std::string_view bar(double number, double most, const Bars& bars) {
  if (number <= 0) return bars.front();
  const double above_zero = number / most * static_cast<double>(bars.size() - 1);
  return bars[std::clamp<std::size_t>(static_cast<std::size_t>(std::ceil(above_zero)), 1, bars.size() - 1)];
}

}  // namespace

double greatest(std::span<const std::optional<double>> series) {
  double most = 0;
  for (const std::optional<double>& number : series) {
    if (is_there(number)) most = std::max(most, *number);
  }
  return most;
}

std::string sparkline(std::span<const std::optional<double>> series, std::size_t columns, Glyphs glyphs) {
  const Bars& bars = glyphs == Glyphs::Blocks ? kBlocks : kAscii;
  const auto shown = series.last(std::min(columns, series.size()));
  const double most = greatest(shown);
  std::string line;
  for (const std::optional<double>& number : shown) {
    line += is_there(number) ? bar(*number, most, bars) : std::string_view(" ");
  }
  return line;
}
