#include "base/split.hpp"

#include "support/catch.hpp"

using namespace tcpkit;

using Parts = std::vector<std::string_view>;

TEST_CASE("splitting keeps empty parts, so that a caller can refuse them") {
  CHECK(split("a,b", ',') == Parts{"a", "b"});
  CHECK(split("", ',') == Parts{""});
  CHECK(split(",a,,", ',') == Parts{"", "a", "", ""});
}

TEST_CASE("words are what stands between blanks") {
  CHECK(words(" reno  cubic ") == Parts{"reno", "cubic"});
  CHECK(words("").empty());
  CHECK(words("  ").empty());
}
