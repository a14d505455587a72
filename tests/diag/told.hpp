#pragma once

#include <string>
#include <string_view>

#include "diag/scene.hpp"
#include "support/catch.hpp"

/// What a rule says where it finds something.
namespace tcpkit::test {

inline const Finding& found(const Diagnosis& diagnosis, std::string_view id) {
  INFO(id);
  const Finding* one = finding(diagnosis, id);
  REQUIRE(one != nullptr);
  return *one;
}

inline bool says(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace tcpkit::test
