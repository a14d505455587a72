#include "percentiles.hpp"

#include <string>

#include "support/catch.hpp"

TEST_CASE("percentiles are read in the order given, each once") {
  CHECK(*parse_percentiles("50") == std::vector<double>{50});
  CHECK(*parse_percentiles("99.9,50,99.90,0.5") == std::vector<double>{99.9, 50, 0.5});
  CHECK(*parse_percentiles("100,0.000001") == std::vector<double>{100, 0.000001});
}

TEST_CASE("what is no percentile is refused") {
  for (const char* const text : {"", "0", "0.0", "100.1", "101", "-1", "50,", ",50", "5e1", "50.", ".5", "050", "+5",
                                 "50%", "1.0000001", "nan"}) {
    CAPTURE(text);
    const auto percentiles = parse_percentiles(text);
    REQUIRE_FALSE(percentiles);
    CHECK(percentiles.error().doing.find(" is no percentile: give numbers above 0 and up to 100") != std::string::npos);
  }
}

TEST_CASE("a percentile goes by a name that is a key") {
  CHECK(percentile_key(50) == "p50");
  CHECK(percentile_key(99.9) == "p99_9");
  CHECK(percentile_key(99.999999) == "p99_999999");
  CHECK(percentile_key(100) == "p100");
  CHECK(percentile_label(99.95) == "p99.95");
}
