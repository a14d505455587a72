#include <array>
#include <set>

#include <tcpkit/sock/unit.hpp>

#include "support/catch.hpp"

using namespace tcpkit;

namespace {

constexpr std::array kUnits{Unit::Bytes,        Unit::BytesPerSecond, Unit::Seconds,  Unit::Milliseconds,
                            Unit::Microseconds, Unit::Nanoseconds,    Unit::Segments, Unit::Packets,
                            Unit::Hops,         Unit::Connections,    Unit::Count,    Unit::Percent,
                            Unit::Ports,        Unit::Pages};

std::string shown(std::int64_t number, Unit unit) {
  return format_value(Value{number}, unit);
}

}  // namespace

TEST_CASE("every unit but none has a name of its own") {
  std::set<std::string_view> names;
  for (const Unit unit : kUnits) CHECK(names.insert(unit_name(unit)).second);
  CHECK_FALSE(names.contains(""));
  CHECK(unit_name(Unit::None).empty());
  CHECK(unit_name(Unit::Milliseconds) == "ms");
}

TEST_CASE("bytes gain a human form from 1024 on") {
  CHECK(shown(0, Unit::Bytes) == "0 bytes");
  CHECK(shown(1023, Unit::Bytes) == "1023 bytes");
  CHECK(shown(1024, Unit::Bytes) == "1024 (1 KiB)");
  CHECK(shown(131072, Unit::Bytes) == "131072 (128 KiB)");
}

TEST_CASE("a time gains a human form when another unit says it better") {
  CHECK(shown(0, Unit::Seconds) == "0 s");
  CHECK(shown(75, Unit::Seconds) == "75 s");
  CHECK(shown(7200, Unit::Seconds) == "7200 s (2 h)");
  CHECK(shown(20000, Unit::Milliseconds) == "20000 ms (20 s)");
  CHECK(shown(200000, Unit::Microseconds) == "200000 us (200 ms)");
}

TEST_CASE("a time too long for nanoseconds stays a plain number") {
  CHECK(shown(INT64_MAX, Unit::Seconds) == "9223372036854775807 s");
  CHECK(shown(INT64_MAX, Unit::Microseconds) == "9223372036854775807 us");
}

TEST_CASE("a rate in bytes is also said in bits") {
  CHECK(shown(2000000, Unit::BytesPerSecond) == "2000000 bytes/s (16.0 Mbit/s)");
  CHECK(format_value(Value{UINT64_MAX}, Unit::BytesPerSecond) == "18446744073709551615 bytes/s");
}

TEST_CASE("negative numbers and numbers without a unit stay as they are") {
  CHECK(shown(-1, Unit::Bytes) == "-1 bytes");
  CHECK(shown(-1, Unit::None) == "-1");
  CHECK(shown(64, Unit::Hops) == "64 hops");
  CHECK(shown(5, Unit::None) == "5");
}

TEST_CASE("a triple is its numbers and a structure its members") {
  CHECK(format_value(Value{Numbers{4096, 131072, 33554432}}, Unit::Bytes) == "4096 131072 33554432");
  CHECK(format_value(Value{Structure{{"onoff", 1}, {"linger", 3}}}, Unit::None) == "onoff 1, linger 3");
}

TEST_CASE("text is escaped, and empty text can be seen") {
  CHECK(format_value(Value{std::string("bbr")}, Unit::None) == "bbr");
  CHECK(format_value(Value{std::string("a\033[31m")}, Unit::None) == "a\\x1b[31m");
  CHECK(format_value(Value{std::string()}, Unit::None) == "\"\"");
}
