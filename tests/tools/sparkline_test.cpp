#include "sparkline.hpp"

#include <limits>
#include <vector>

#include "support/catch.hpp"

namespace {

using Series = std::vector<std::optional<double>>;

std::string ascii(const Series& series, std::size_t columns = 80) {
  return sparkline(series, columns, Glyphs::Ascii);
}

}  // namespace

TEST_CASE("a bar is as high as its number, and the greatest fills its column") {
  CHECK(ascii({1, 2, 3, 4, 5, 6, 7}) == ".:-=+*#");
  CHECK(ascii({1000, 7000}) == ".#");
  CHECK(ascii({25.1, 25.1}) == "##");
}

TEST_CASE("absent, zero and small are three different things in a chart") {
  CHECK(ascii({std::nullopt, 0, 0.001, 1000}) == " _.#");
  CHECK(ascii({0, 0}) == "__");
  CHECK(ascii({std::nullopt, std::nullopt}) == "  ");
}

TEST_CASE("what is no number is a gap, and less than zero is drawn as zero") {
  CHECK(ascii({std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), -3, 4}) == "  _#");
}

TEST_CASE("a chart shows the last numbers, at the scale of those it shows") {
  CHECK(ascii({1'000'000, 1, 7}, 2) == ".#");
  CHECK(ascii({1, 2}, 0).empty());
  CHECK(ascii({}).empty());
}

TEST_CASE("each block element is one column, as many as there are numbers") {
  const Series series = {0, 1, std::nullopt, 7};
  CHECK(sparkline(series, 80, Glyphs::Blocks) == "\u2581\u2582 \u2588");
}
