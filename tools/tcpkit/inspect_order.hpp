#pragma once

#include <optional>
#include <vector>

#include "inspect_find.hpp"

/// What a socket is sorted by: nothing where it has no such number.
[[nodiscard]] std::optional<std::uint64_t> sort_number(const tcpkit::SocketEntry& entry, SortKey key);

/// Sockets that wait to be shown: of those that are sorted the first `top`, the largest number first, those without one
/// last.
class KeptMatches {
 public:
  KeptMatches(SortKey key, std::uint64_t top) : key_(key), top_(top) {}

  void add(Match match);
  /// All of them, in order; none is left.
  [[nodiscard]] std::vector<Match> take();

 private:
  SortKey key_;
  std::uint64_t top_;
  std::vector<Match> matches_;  // once full, a heap with the least in front
};
