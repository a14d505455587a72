#include <cerrno>

#include <tcpkit/base/result.hpp>

#include "support/catch.hpp"

using namespace tcpkit;

TEST_CASE("a result holds a value or an error") {
  const Result<int> good = 7;
  REQUIRE(good.has_value());
  CHECK(*good == 7);

  const Result<int> bad = system_error(ECONNREFUSED, "connect to [::1]:80");
  REQUIRE_FALSE(bad.has_value());
  CHECK(bad.error().code == std::errc::connection_refused);
}

TEST_CASE("an error says what we were doing and then why it failed") {
  CHECK(describe(system_error(ECONNREFUSED, "connect to [::1]:80")) == "connect to [::1]:80: Connection refused");
}

TEST_CASE("a bad value is a whole sentence and gets nothing appended") {
  CHECK(describe(bad_value("\"x\" is not a number")) == "\"x\" is not a number");
}
