#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <tcpkit/report/render.hpp>

#include "report/hostile.hpp"
#include "support/catch.hpp"

using namespace tcpkit;
using Json = nlohmann::ordered_json;

namespace {

Field field(std::string key, Data data) {
  return {.key = std::move(key), .data = std::move(data)};
}

std::string as_json(const Report& report) {
  return find_format("json")->render(report, {});
}

std::string as_ndjson(const Report& report) {
  return find_format("ndjson")->render(report, {});
}

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> result;
  for (const auto& member : object.items()) result.push_back(member.key());
  return result;
}

/// Parses and refuses an object that has a key twice, which a plain parse would hide.
Json parse_strictly(const std::string& text) {
  std::vector<std::set<std::string>> open;
  const auto watch = [&](int, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event == Json::parse_event_t::key) {
      INFO("key " << parsed.dump());
      CHECK(open.back().insert(parsed.get<std::string>()).second);
    }
    return true;
  };
  return Json::parse(text, watch);
}

Report every_kind() {
  const Data object{DataObject{{"b", Data{true}}, {"a", Data{nullptr}}}};
  return {"tcpkit.test/1",
          {{"", "Top", {field("name", Data{std::string("x \"y\"")}), field("none", Data{})}},
           {"numbers", "Numbers", {field("low", Data{INT64_MIN}), field("high", Data{UINT64_MAX})}},
           {"deep", "", {field("list", Data{DataArray{Data{std::int64_t{-1}}, object, Data{DataArray{}}}})}}}};
}

}  // namespace

TEST_CASE("json output is indented and in the order of the report") {
  CHECK(as_json(every_kind()) == R"({
  "schema": "tcpkit.test/1",
  "name": "x \"y\"",
  "none": null,
  "numbers": {
    "low": -9223372036854775808,
    "high": 18446744073709551615
  },
  "deep": {
    "list": [
      -1,
      {
        "b": true,
        "a": null
      },
      []
    ]
  }
}
)");
}

TEST_CASE("ndjson output is the same object on one line") {
  CHECK(as_ndjson(every_kind()) ==
        R"({"schema":"tcpkit.test/1","name":"x \"y\"","none":null,"numbers":{"low":-9223372036854775808,)"
        R"("high":18446744073709551615},"deep":{"list":[-1,{"b":true,"a":null},[]]}})"
        "\n");
  CHECK(Json::parse(as_json(every_kind())) == Json::parse(as_ndjson(every_kind())));
}

TEST_CASE("numbers survive json to the last digit") {
  const auto parsed = Json::parse(as_json(every_kind()));
  CHECK(parsed["numbers"]["low"].get<std::int64_t>() == INT64_MIN);
  CHECK(parsed["numbers"]["high"].get<std::uint64_t>() == UINT64_MAX);
}

TEST_CASE("an empty report is an object with its schema, part of a result one without") {
  CHECK(as_json({"tcpkit.test/1", {}}) == "{\n  \"schema\": \"tcpkit.test/1\"\n}\n");
  CHECK(as_ndjson({}) == "{}\n");
}

TEST_CASE("a section without fields is an empty object") {
  CHECK(as_ndjson({"s", {{"options", "Options", {}}}}) == "{\"schema\":\"s\",\"options\":{}}\n");
}

TEST_CASE("json has every field, whatever text shows, and ignores the style") {
  auto never = field("never", Data{true});
  never.show = Show::Never;
  auto all = field("all", Data{true});
  all.show = Show::All;
  const Report report{"s", {{"", "", {never, all}}}};
  CHECK(as_ndjson(report) == "{\"schema\":\"s\",\"never\":true,\"all\":true}\n");
  const Style loud{.colour = true, .all = true, .width = 1};
  CHECK(find_format("json")->render(report, loud) == as_json(report));
}

TEST_CASE("sections with the same key become one object where the first one stood") {
  const Report report{"s",
                      {{"a", "One", {field("x", Data{true})}},
                       {"b", "Two", {field("z", Data{true})}},
                       {"a", "Three", {field("y", Data{true})}}}};
  CHECK(as_ndjson(report) == "{\"schema\":\"s\",\"a\":{\"x\":true,\"y\":true},\"b\":{\"z\":true}}\n");
}

TEST_CASE("a key given twice is there once, with its first value") {
  const Data twins{DataObject{{"k", Data{true}}, {"k", Data{false}}}};
  const Report report{"s",
                      {{"", "", {field("schema", Data{false}), field("x", twins), field("x", Data{false})}},
                       {"schema", "", {field("lost", Data{true})}},
                       {"x", "", {field("more", Data{true})}}}};
  CHECK(as_ndjson(report) == "{\"schema\":\"s\",\"x\":{\"k\":true,\"more\":true}}\n");
}

TEST_CASE("a field without a key is for people only") {
  CHECK(as_ndjson({"s", {{"", "", {field("", Data{true})}}}}) == "{\"schema\":\"s\"}\n");
}

TEST_CASE("hostile bytes leave json valid, printable and with unique keys") {
  for (const auto bytes : testing::kHostile) {
    for (const auto* const format : {find_format("json"), find_format("ndjson")}) {
      const auto out = format->render(testing::hostile_report(bytes), {});
      CAPTURE(out);
      CHECK(keys(parse_strictly(out)).front() == "schema");
      CHECK(std::ranges::all_of(out, [](char c) { return (c >= 0x20 && c <= 0x7e) || c == '\n'; }));
      CHECK(out.back() == '\n');
      if (format->name == "ndjson") CHECK(std::ranges::count(out, '\n') == 1);
    }
  }
}

TEST_CASE("text that is UTF-8 comes back from json unchanged") {
  const std::string text = "caf\xc3\xa9 \xf0\x9f\x98\x80 \x01\x7f";
  const auto parsed = Json::parse(as_json({text, {{"", "", {field(text, Data{text})}}}}));
  CHECK(parsed["schema"] == text);
  CHECK(parsed[text] == text);
}

TEST_CASE("two keys that are no UTF-8 do not become one key twice") {
  const Report report{"s", {{"", "", {field("\xff", Data{true}), field("\xfe", Data{false})}}}};
  CHECK(parse_strictly(as_ndjson(report)).size() == 2);
}

TEST_CASE("deep nesting survives json") {
  constexpr int kDepth = 1000;
  Data data{std::string("core")};
  for (int i = 0; i < kDepth; ++i) data = Data{DataArray{std::move(data)}};
  const auto out = as_ndjson({"s", {{"", "", {field("deep", std::move(data))}}}});
  CHECK(out ==
        "{\"schema\":\"s\",\"deep\":" + std::string(kDepth, '[') + "\"core\"" + std::string(kDepth, ']') + "}\n");
  CHECK_NOTHROW(Json::parse(out));
}
