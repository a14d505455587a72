#include "percentiles.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

using namespace tcpkit;

namespace {

constexpr std::size_t kMostDigits = 6;  // after the point: one in a hundred million
constexpr double kMost = 100;

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

Result<double> parse_percentile(std::string_view text) {
  const Error refused = bad_value(fmt::format(
      "{} is no percentile: give numbers above 0 and up to 100, like 50,99.9, with at most {} digits after the point",
      quote(text), kMostDigits));
  const std::size_t point = text.find('.');
  const std::string_view fraction = point == std::string_view::npos ? "0" : text.substr(point + 1);
  const Result<std::uint64_t> whole = parse_unsigned(text.substr(0, point), 0, 100);
  if (!whole || !is_digits(fraction) || fraction.size() > kMostDigits) return refused;
  const double parts = std::stod(std::string(fraction)) / std::pow(10, static_cast<double>(fraction.size()));
  const double percent = static_cast<double>(*whole) + parts;
  return percent > 0 && percent <= kMost ? Result<double>(percent) : refused;
}

}  // namespace

Result<std::vector<double>> parse_percentiles(std::string_view text) {
  std::vector<double> percentiles;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const Result<double> percent = parse_percentile(text.substr(begin, end - begin));
    if (!percent) return percent.error();
    if (std::ranges::find(percentiles, *percent) == percentiles.end()) percentiles.push_back(*percent);
    begin = end + 1;
  }
  return percentiles;
}

std::string percentile_label(double percent) {
  std::string text = fmt::format("p{:.6f}", percent);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string percentile_key(double percent) {
  std::string key = percentile_label(percent);
  std::ranges::replace(key, '.', '_');
  return key;
}
