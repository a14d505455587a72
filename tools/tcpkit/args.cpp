#include <algorithm>

#include "command.hpp"

bool Args::has(std::string_view flag) const {
  return !values(flag).empty();
}

std::optional<std::string> Args::value(std::string_view flag) const {
  const std::vector<std::string>& given = values(flag);
  if (given.empty()) return std::nullopt;
  return given.back();
}

const std::vector<std::string>& Args::values(std::string_view flag) const {
  static const std::vector<std::string> kNone;
  const auto found = std::ranges::find(given_, flag, &Given::flag);
  return found == given_.end() ? kNone : found->values;
}

void Args::add_flag(std::string_view flag, std::vector<std::string> values) {
  given_.push_back({std::string(flag), std::move(values)});
}
