#include "diag/evidence.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace tcpkit {
namespace {

/// As in the keys of TCP_INFO.
std::string_view key_suffix(Unit unit) {
  switch (unit) {
    case Unit::Bytes:
      return "_bytes";
    case Unit::BytesPerSecond:
      return "_bytes_per_s";
    case Unit::Seconds:
      return "_s";
    case Unit::Milliseconds:
      return "_ms";
    case Unit::Microseconds:
      return "_us";
    case Unit::Nanoseconds:
      return "_ns";
    case Unit::Percent:
      return "_percent";
    case Unit::Pages:
      return "_pages";
    default:
      return "";
  }
}

}  // namespace

std::string evidence_key(const Evidence& evidence) {
  std::string key = fmt::format("{}{}", evidence.name, key_suffix(evidence.unit));
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  std::ranges::replace_if(
      key, [&](char c) { return !is_word(c); }, '_');
  return key;
}

}  // namespace tcpkit
