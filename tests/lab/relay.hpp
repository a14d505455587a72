#pragma once

#include <cstdint>
#include <optional>

#include "lab/counters.hpp"
#include "lab/delay_line.hpp"
#include "lab/flow_memory.hpp"
#include "lab/path_model.hpp"

namespace tcpkit::lab {

/// On the monotonic clock.
[[nodiscard]] Nanoseconds now();

/// Moves packets between two TUN devices, whose descriptors do not block and stay the caller's.
class Relay {
 public:
  Relay(int near_device, int far_device, const LabSettings& settings, std::uint64_t seed, std::size_t mtu);

  void change(const LabSettings& settings);

  /// Takes what has come, up to a limit, and delivers what is due.
  void pass();

  /// When the next packet under way is due.
  [[nodiscard]] std::optional<Nanoseconds> next() const;

  [[nodiscard]] const Counters& out() const { return out_.counters; }
  [[nodiscard]] const Counters& back() const { return back_.counters; }

 private:
  struct Direction {
    int from;
    int to;
    PathModel model;
    DelayLine line;
    Counters counters = {};
  };

  void take_in(Direction& direction);
  void admit(Direction& direction, std::span<const std::uint8_t> packet);

  Direction out_, back_;
  FlowMemory memory_;
  Nanoseconds forget_idle_;
};

}  // namespace tcpkit::lab
