#include "short_reading.hpp"

#include <variant>

#include <fmt/format.h>

using namespace tcpkit;

std::string short_value(const Option& option, const Value& value) {
  std::string text = format_value(option, value);
  if (!std::holds_alternative<std::int64_t>(value)) return text;
  return text.substr(0, text.find(option.unit == Unit::Count ? " " : " ("));
}

std::string short_reading(const OptionReading& reading) {
  return fmt::format("{} {}", reading.option->name, reading.value ? short_value(*reading.option, *reading.value) : "-");
}
