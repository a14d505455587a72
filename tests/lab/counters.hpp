#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "lab/path_model.hpp"

namespace tcpkit::lab {

struct Tally {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;

  void add(std::size_t size) {
    ++packets;
    bytes += size;
  }
};

/// Of one direction, from the beginning. What was offered and neither dropped nor delivered is under way.
struct Counters {
  Tally offered, delivered;
  std::uint64_t with_data = 0;  // of those offered
  std::uint64_t held_back = 0;
  std::array<std::uint64_t, kDropReasons> dropped = {};
  Nanoseconds latest = {};              // how much later than it should a packet was delivered, at worst
  std::optional<std::uint64_t> missed;  // came faster than they were fetched, and were never offered; if it is known

  std::uint64_t& operator[](Drop reason) { return dropped[static_cast<std::size_t>(reason)]; }
};

/// One line of JSON, without its newline.
[[nodiscard]] std::string format_counters(const Counters& out, const Counters& back);

}  // namespace tcpkit::lab
