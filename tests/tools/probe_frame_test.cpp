#include "probe_frame.hpp"

#include <algorithm>
#include <utility>

#include "support/catch.hpp"

namespace {

const std::vector<std::string> kHead = {"db:5432: 10.0.0.7:5432 from 10.0.0.1:51532", "12:00:00, 3 s: ESTABLISHED"};

FrameRow row(std::string_view name, std::string text, std::vector<std::optional<double>> series = {}) {
  return {&tcpkit::tcp_info_field(name), std::move(text), std::move(series)};
}

std::vector<FrameRow> rows() {
  return {row("rtt", "25.1 ms", std::vector<std::optional<double>>(1000, 7.0)), row("snd_ssthresh", "infinite"),
          row("total_retrans", "4294967295 (+4294967295)", {std::nullopt, 1.0})};
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
  const std::vector<FrameRow> one = {row("rtt", "25.1 ms", {0.0, 35'000, 70'000})};
  const auto wide = frame_lines({}, one, {80, 24}, Glyphs::Ascii);
  REQUIRE(wide.size() == 2);
  CHECK(wide.back().starts_with("  rtt  25.1 ms       _=#"));
  CHECK(wide.back().ends_with("max 70 ms"));
  CHECK(frame_lines({}, one, {40, 24}, Glyphs::Ascii).back() == "  rtt  25.1 ms       _=#");
  CHECK(frame_lines({}, one, {22, 24}, Glyphs::Ascii).back() == "  rtt  25.1 ms");
}

TEST_CASE("the scale of a chart is that of what is drawn, not of what has left it") {
  std::vector<std::optional<double>> series(200, 1000.0);
  series.front() = 900'000;
  const std::vector<FrameRow> one = {row("rtt", "1 ms", series)};
  CHECK(frame_lines({}, one, {80, 24}, Glyphs::Ascii).back().ends_with("max 1 ms"));
  CHECK(frame_lines({}, one, {400, 24}, Glyphs::Ascii).back().ends_with("max 900 ms"));
}
