#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <random>

#include <tcpkit/base/units.hpp>

#include "lab/settings.hpp"

namespace tcpkit::lab {

/// Why a packet does not arrive.
enum class Drop { down, larger, listed, loss, queue, forgotten, device };
inline constexpr std::size_t kDropReasons = 7;

/// What becomes of a packet.
struct Fate {
  std::optional<Drop> drop;
  Nanoseconds arrival = {};  // unless dropped
  bool held_back = false;
};

/// One direction of a path, as arithmetic: it has no clock and moves no bytes. Packets wait in a queue, are sent at the
/// rate one after the other, and travel for the delay.
class PathModel {
 public:
  PathModel(const PathSettings& settings, std::uint64_t seed) : settings_(settings), random_(seed) {}

  /// For packets offered from now on; those under way keep what they have.
  void change(const PathSettings& settings);

  /// A packet of that many bytes, at a time not before that of the one before.
  [[nodiscard]] Fate offer(std::size_t bytes, bool has_data, Nanoseconds now);

 private:
  struct Waiting {
    Nanoseconds sent;
    std::size_t bytes;
  };

  [[nodiscard]] std::optional<Drop> lost(std::size_t bytes, bool has_data);
  [[nodiscard]] bool queue_is_full(std::size_t bytes, Nanoseconds now);
  [[nodiscard]] Nanoseconds send(std::size_t bytes, Nanoseconds now);
  [[nodiscard]] bool happens(std::uint32_t share);
  [[nodiscard]] Nanoseconds jitter();

  PathSettings settings_;
  std::mt19937_64 random_;
  std::uint64_t data_packets_ = 0;
  std::deque<Waiting> queue_;  // and the one that is being sent
  std::uint64_t queued_bytes_ = 0;
  Nanoseconds idle_from_ = {};
  Nanoseconds last_arrival_ = {};
};

}  // namespace tcpkit::lab
