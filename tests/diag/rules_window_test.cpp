#include "diag/scene.hpp"

namespace tcpkit::test {

std::vector<RuleCase> window_cases() {
  const auto clamped = [](std::string_view setting) {
    return healthy_connection().option("SO_RCVBUF", 425'984).ask(setting);
  };
  const auto waited_us = [](std::uint64_t limited) {
    return healthy_connection()
        .info("busy_time", 1'000'000)
        .info("rwnd_limited", limited)
        .info("snd_wnd", 65'535)
        .info("min_rtt", 50'000);
  };
  return {
      {"F02", clamped("rcvbuf=212993"), clamped("rcvbuf=212992")},
      {"F05", waited_us(200'001), waited_us(200'000)},
  };
}

}  // namespace tcpkit::test
