#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include <tcpkit/base/result.hpp>
#include <tcpkit/base/units.hpp>

/// What a path does to packets: what was asked for, as values.
namespace tcpkit::lab {

inline constexpr std::uint32_t kCertain = 1'000'000;  // probabilities are in parts per million

struct QueueLimit {
  std::uint64_t amount = 1000;
  bool in_packets = true;  // 1000 packets are what Linux gives a new device (txqueuelen)
};

/// Numbers, from 1, of packets with data that are lost; counting begins anew with every list.
struct LossList {
  std::set<std::uint64_t> numbers;
  unsigned generation = 0;
};

/// One direction.
struct PathSettings {
  Nanoseconds delay = {};
  Nanoseconds jitter = {};
  std::uint64_t bits_per_second = 0;  // 0: as fast as it goes
  QueueLimit queue = {};
  std::uint32_t loss = 0;
  std::uint32_t reorder = 0;
  Nanoseconds reorder_by = std::chrono::milliseconds(5);
  LossList lose = {};
  std::uint64_t drop_larger = UINT64_MAX;
  bool down = false;
};

struct LabSettings {
  PathSettings out;              // near to far
  PathSettings back;             // far to near
  Nanoseconds forget_idle = {};  // 0: it has no memory of flows
};

/// One thing that can be set, as an option before the path exists and as a line of control later.
struct Setting {
  std::string_view name;
  std::string_view value;  // what is shown in its place; empty: it takes none
  std::string_view brief;
  Result<void> (*apply)(LabSettings& settings, std::string_view value);
};

[[nodiscard]] std::span<const Setting> path_settings();

/// The row of that name, or null.
[[nodiscard]] const Setting* find_setting(std::string_view name);

/// "1%", "0.05%", "100%": parts per million.
[[nodiscard]] Result<std::uint32_t> parse_percent(std::string_view text);

}  // namespace tcpkit::lab
