#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <tcpkit/diag/rule.hpp>

/// Short forms for what a symptom was seen by.
namespace tcpkit {

template <class Number>
Evidence number_of(std::string_view name, Number number, Unit unit) {
  if constexpr (std::is_signed_v<Number>) {
    return {std::string(name), Value{std::int64_t{number}}, unit};
  } else {
    return {std::string(name), Value{std::uint64_t{number}}, unit};
  }
}

template <class Number>
Evidence bytes_of(std::string_view name, Number number) {
  return number_of(name, number, Unit::Bytes);
}

template <class Number>
Evidence count_of(std::string_view name, Number number) {
  return number_of(name, number, Unit::None);
}

template <class Number>
Evidence percent_of(std::string_view name, Number number) {
  return number_of(name, number, Unit::Percent);
}

inline Evidence milliseconds_of(std::string_view name, std::chrono::milliseconds time) {
  return number_of(name, std::int64_t{time.count()}, Unit::Milliseconds);
}

inline Evidence switch_of(std::string_view name, bool on) {
  return {std::string(name), Value{on}, Unit::None};
}

inline Evidence text_of(std::string_view name, std::string_view text) {
  return {std::string(name), Value{std::string(text)}, Unit::None};
}

}  // namespace tcpkit
