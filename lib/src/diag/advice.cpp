#include "diag/advice.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tcpkit {
namespace {

/// What the user gave for the same options.
std::vector<std::string> flags_replaced(const Observation& observation, std::span<const std::string> settings) {
  std::vector<std::string> flags;
  for (const std::string& text : settings) {
    const Result<Setting> setting = parse_setting(text);
    const Outcome* asked = setting && setting->option ? asked_for(observation, setting->option->symbol) : nullptr;
    if (asked != nullptr) flags.push_back(flag_of(asked->setting));
  }
  return flags;
}

}  // namespace

const Outcome* asked_for(const Observation& observation, std::string_view symbol) {
  return asked_for(observation, std::initializer_list<std::string_view>{symbol});
}

const Outcome* asked_for(const Observation& observation, std::initializer_list<std::string_view> symbols) {
  const auto& outcomes = observation.outcomes;
  const auto last = std::find_if(outcomes.rbegin(), outcomes.rend(), [&symbols](const Outcome& outcome) {
    const Option* option = outcome.setting.option;
    return option != nullptr && std::find(symbols.begin(), symbols.end(), option->symbol) != symbols.end();
  });
  return last == outcomes.rend() ? nullptr : &*last;
}

std::string flag_of(const Setting& setting) {
  return setting.text.starts_with("--") ? setting.text : fmt::format("-o {}", setting.text);
}

std::string set_with(const Observation& observation, std::string_view setting) {
  return fmt::format("{}{}", observation.set_with, setting);
}

std::string change_to(const Observation& observation, std::span<const std::string> settings) {
  const std::string_view prefix = observation.set_with;
  // Its last word is the flag, which may be repeated.
  const std::size_t blank = prefix.find_last_of(' ', prefix.size() - 2);
  const std::string_view flag = blank == std::string_view::npos ? prefix : prefix.substr(blank + 1);
  const std::vector<std::string> given = flags_replaced(observation, settings);
  const std::string in_place = given.empty() ? "" : fmt::format(" in place of {}", fmt::join(given, ", "));
  return fmt::format("{}{}{}", prefix, fmt::join(settings, fmt::format(" {}", flag)), in_place);
}

std::string change_to(const Observation& observation, const std::string& setting) {
  return change_to(observation, std::span(&setting, 1));
}

std::string time_setting(std::string_view name, std::chrono::milliseconds time) {
  if (time.count() % 1000 != 0) return fmt::format("{}={}ms", name, time.count());
  return fmt::format("{}={}s", name, time.count() / 1000);
}

}  // namespace tcpkit
