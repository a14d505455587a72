#include "lab/counters.hpp"

#include <string_view>

#include <fmt/format.h>

namespace tcpkit::lab {
namespace {

// in the order of Drop
constexpr std::array<std::string_view, kDropReasons> kReasons = {"down",  "larger",    "listed", "loss",
                                                                 "queue", "forgotten", "device"};

std::string format_direction(const Counters& counters) {
  std::string dropped;
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    dropped += fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", kReasons[i], counters.dropped[i]);
  }
  return fmt::format(R"({{"packets":{},"bytes":{},"data_packets":{},"delivered_packets":{},"delivered_bytes":{},)"
                     R"("held_back":{},"latest_ns":{},"missed":{},"dropped":{{{}}}}})",
                     counters.offered.packets, counters.offered.bytes, counters.with_data, counters.delivered.packets,
                     counters.delivered.bytes, counters.held_back, counters.latest.count(),
                     counters.missed ? fmt::format("{}", *counters.missed) : "null", dropped);
}

}  // namespace

std::string format_counters(const Counters& out, const Counters& back) {
  return fmt::format(R"({{"near_to_far":{},"far_to_near":{}}})", format_direction(out), format_direction(back));
}

}  // namespace tcpkit::lab
