#include <tcpkit/report/data.hpp>

#include <array>
#include <string>

#include "support/catch.hpp"

using namespace tcpkit;

namespace {

template <class T>
const T& as(const Data& data) {
  REQUIRE(std::holds_alternative<T>(data.value));
  return std::get<T>(data.value);
}

}  // namespace

TEST_CASE("scalars become data of their own type") {
  CHECK(as<bool>(to_data(Value(false))) == false);
  CHECK(as<std::int64_t>(to_data(Value(std::int64_t{-1}))) == -1);
  CHECK(as<std::uint64_t>(to_data(Value(std::uint64_t{UINT64_MAX}))) == UINT64_MAX);
  CHECK(as<std::string>(to_data(Value(std::string()))).empty());
}

TEST_CASE("nothing is null, which neither zero nor an empty text is") {
  CHECK(std::holds_alternative<std::nullptr_t>(to_data(std::nullopt).value));
  CHECK(std::holds_alternative<std::nullptr_t>(number_or_null(std::nullopt).value));
  CHECK(as<std::uint64_t>(number_or_null(0)) == 0);
  CHECK(std::holds_alternative<std::nullptr_t>(text_or_null("").value));
  CHECK(as<std::string>(text_or_null("x")) == "x");
}

TEST_CASE("numbers become an array and a structure an object, in order") {
  const Data triple = to_data(Value(Numbers{3, 1, 2}));
  const auto& array = as<DataArray>(triple);
  REQUIRE(array.size() == 3);
  CHECK(as<std::int64_t>(array[0]) == 3);
  CHECK(as<std::int64_t>(array[2]) == 2);
  CHECK(as<DataArray>(to_data(Value(Numbers{}))).empty());
  const Data linger = to_data(Value(Structure{{"onoff", 1}, {"linger", 5}}));
  const auto& object = as<DataObject>(linger);
  REQUIRE(object.size() == 2);
  CHECK(object[0].first == "onoff");
  CHECK(as<std::int64_t>(object[1].second) == 5);
}

TEST_CASE("named numbers become an object") {
  constexpr std::array<NamedNumber, 2> kNames{{{0, "none"}, {UINT64_MAX, "unlimited"}}};
  const Data names = to_data(std::span<const NamedNumber>(kNames));
  const auto& object = as<DataObject>(names);
  REQUIRE(object.size() == 2);
  CHECK(object[1].first == "unlimited");
  CHECK(as<std::uint64_t>(object[1].second) == UINT64_MAX);
}

TEST_CASE("a time is given in whole microseconds") {
  CHECK(std::get<std::int64_t>(microseconds(std::chrono::nanoseconds(1'999)).value) == 1);
  CHECK(std::get<std::int64_t>(microseconds(std::chrono::seconds(2)).value) == 2'000'000);
}
