#include "probe_frame.hpp"

#include <algorithm>

#include "support/catch.hpp"

namespace {

const std::vector<std::string> kHead = {"db:5432: 10.0.0.7:5432 from 10.0.0.1:51532", "12:00:00, 3 s: ESTABLISHED"};

std::vector<FrameRow> rows() {
  const std::vector<std::optional<double>> series(1000, 7.0);
  return {{"rtt", "25.1 ms", series, "max 75.3 ms"},
          {"snd_ssthresh", "infinite", {}, ""},
          {"total_retrans", "4294967295 (+4294967295)", {std::nullopt, 1.0}, "max 1/s"}};
}

std::vector<std::string> lines(std::size_t columns, std::size_t height) {
  return frame_lines(kHead, rows(), {columns, height}, Glyphs::Ascii);
}

}  // namespace

TEST_CASE("no line of a frame is as wide as the terminal, however narrow that is") {
  for (std::size_t columns = 0; columns <= 1100; ++columns) {
    for (const std::string& line : lines(columns, 24)) {
      CAPTURE(columns, line);
      CHECK(line.size() < std::max<std::size_t>(columns, 1));
    }
  }
}

TEST_CASE("a frame leaves the last two lines of the terminal free, and the first rows are the last to go") {
  for (std::size_t height = 0; height <= 24; ++height) {
    const auto shown = lines(80, height);
    CAPTURE(height);
    CHECK(shown.size() == std::min<std::size_t>(6, height - std::min<std::size_t>(height, 2)));
    if (!shown.empty()) CHECK(shown.front() == kHead.front());
  }
}

TEST_CASE("a frame has a chart beside its number, and its scale where there is room") {
  const std::vector<FrameRow> row = {{"rtt", "25.1 ms", {0.0, 3.5, 7.0}, "max 75.3 ms"}};
  const auto wide = frame_lines({}, row, {80, 24}, Glyphs::Ascii);
  REQUIRE(wide.size() == 2);
  CHECK(wide.back().starts_with("  rtt  25.1 ms       _=#"));
  CHECK(wide.back().ends_with("max 75.3 ms"));
  CHECK(frame_lines({}, row, {40, 24}, Glyphs::Ascii).back() == "  rtt  25.1 ms       _=#");
  CHECK(frame_lines({}, row, {22, 24}, Glyphs::Ascii).back() == "  rtt  25.1 ms");
}
