#include "proc/cookie_set.hpp"

#include "support/catch.hpp"

using namespace tcpkit;

TEST_CASE("a set of cookies knows those it was given, however they are spread") {
  const std::uint64_t step = GENERATE(std::uint64_t{1}, std::uint64_t{1} << 32, std::uint64_t{0x1'0000'0001});
  CookieSet set;
  for (std::uint64_t i = 1; i <= 5000; ++i) {
    if (!set.insert(i * step)) FAIL("an unknown one");
  }
  for (std::uint64_t i = 1; i <= 5000; ++i) {
    if (set.insert(i * step)) FAIL("a known one");
  }
  CHECK(set.insert(5001 * step));
  CHECK(set.insert(0));
  CHECK(set.insert(0));
}
