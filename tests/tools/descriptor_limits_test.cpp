#include "descriptor_limits.hpp"

#include "support/catch.hpp"

TEST_CASE("without a number asked for, 1024 connections are served where they fit") {
  const ConnectionLimit limit = fit_connections(std::nullopt, {.soft = 65536, .hard = 65536, .reserve = 20});
  CHECK(limit.connections == 1024);
  CHECK(limit.soft == 65536);
  CHECK(limit.warning.empty());
}

TEST_CASE("without a number asked for, the soft limit stays and its reserve is left alone") {
  const ConnectionLimit limit = fit_connections(std::nullopt, {.soft = 64, .hard = 65536, .reserve = 20});
  CHECK(limit.connections == 44);
  CHECK(limit.soft == 64);
  CHECK(limit.warning == "serving at most 44 connections at once: the limit on descriptors (ulimit -n) is 64");
  CHECK(fit_connections(std::nullopt, {.soft = 1024, .hard = 65536, .reserve = 20}).warning.empty());
}

TEST_CASE("one connection is served even where none should fit") {
  CHECK(fit_connections(std::nullopt, {.soft = 10, .hard = 10, .reserve = 20}).connections == 1);
  CHECK(fit_connections(5, {.soft = 10, .hard = 20, .reserve = 20}).connections == 1);
}

TEST_CASE("a number asked for raises the soft limit as far as it needs") {
  const ConnectionLimit limit = fit_connections(5000, {.soft = 1024, .hard = 65536, .reserve = 20});
  CHECK(limit.connections == 5000);
  CHECK(limit.soft == 5020);
  CHECK(limit.warning.empty());
}

TEST_CASE("a number asked for never lowers the soft limit") {
  CHECK(fit_connections(10, {.soft = 1024, .hard = 65536, .reserve = 20}).soft == 1024);
}

TEST_CASE("above the hard limit, what fits is served, with a warning that names both numbers") {
  const ConnectionLimit limit = fit_connections(5000, {.soft = 1024, .hard = 4096, .reserve = 20});
  CHECK(limit.connections == 4076);
  CHECK(limit.soft == 4096);
  CHECK(limit.warning ==
        "--max-connections 5000: the hard limit on descriptors (RLIMIT_NOFILE) is 4096, of which 20 are needed "
        "elsewhere: serving at most 4076 at once");
}

TEST_CASE("the reserve grows with threads and listeners") {
  const auto one = descriptor_room(1, 1);
  const auto many = descriptor_room(3, 4);
  REQUIRE((one && many));
  CHECK(one->soft <= one->hard);
  CHECK(one->reserve > 3);
  CHECK(many->reserve - one->reserve == 4 * (3 + 4) - (1 + 4));
}

TEST_CASE("a client that has to have all its connections gets the limit raised") {
  CHECK(*descriptors_for(5000, {.soft = 1024, .hard = 65536, .reserve = 20}) == 5020);
  CHECK(*descriptors_for(10, {.soft = 1024, .hard = 65536, .reserve = 20}) == 1024);
  CHECK(*descriptors_for(80, {.soft = 64, .hard = 100, .reserve = 20}) == 100);
}

TEST_CASE("a client that cannot have them is told both numbers") {
  const auto soft = descriptors_for(81, {.soft = 64, .hard = 100, .reserve = 20});
  REQUIRE_FALSE(soft);
  CHECK(soft.error().code == std::errc::too_many_files_open);
  CHECK(soft.error().doing ==
        "open 81 connections: that takes 101 descriptors, and the hard limit (ulimit -Hn, RLIMIT_NOFILE) is 100");
}
