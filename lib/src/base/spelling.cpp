#include <tcpkit/base/spelling.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "base/letters.hpp"

namespace tcpkit {
namespace {

// No name of ours is longer; it bounds the work for a text of any length.
constexpr std::size_t kLongest = 64;

std::string fold(std::string_view text) {
  std::string folded;
  for (const char letter : text) {
    if (!is_separator(letter)) folded += lower_case(letter);
  }
  return folded;
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours, each worth one.
/// Swaps are what fast fingers do, so they count once and not twice as in plain Levenshtein.
std::size_t distance(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, kLongest + 1>;
  Row before_last{};
  Row last{};
  Row current{};
  for (std::size_t j = 0; j <= b.size(); ++j) current[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last = last;
    last = current;
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + cost});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
  }
  return current[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view text, std::span<const std::string_view> candidates) {
  if (text.size() > kLongest) return {};
  const auto wanted = fold(text);
  if (wanted.empty()) return {};
  auto allowed = std::max<std::size_t>(1, wanted.size() / 3);
  std::string_view best;
  for (const auto candidate : candidates) {
    if (candidate.size() > kLongest) continue;
    const auto differences = distance(wanted, fold(candidate));
    if (differences > allowed || (differences == allowed && !best.empty())) continue;
    best = candidate;
    allowed = differences;
  }
  return best;
}

}  // namespace tcpkit
