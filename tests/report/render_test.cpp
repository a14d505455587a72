#include <string_view>
#include <vector>

#include <tcpkit/report/render.hpp>

#include "support/catch.hpp"

using namespace tcpkit;

TEST_CASE("the formats are text, json, ndjson and prometheus, and all can render") {
  std::vector<std::string_view> names;
  for (const auto& format : formats()) {
    names.push_back(format.name);
    CHECK_FALSE(format.brief.empty());
    CHECK(format.render != nullptr);
  }
  CHECK(names == std::vector<std::string_view>{"text", "json", "ndjson", "prometheus"});
}

TEST_CASE("a format is found by its exact name") {
  for (const auto& format : formats()) CHECK(find_format(format.name) == &format);
  CHECK(find_format("") == nullptr);
  CHECK(find_format("JSON") == nullptr);
  CHECK(find_format("jso") == nullptr);
}

TEST_CASE("formats for programs are complete, text is not") {
  CHECK_FALSE(find_format("text")->complete);
  CHECK(find_format("json")->complete);
  CHECK(find_format("ndjson")->complete);
  CHECK(find_format("prometheus")->complete);
}
