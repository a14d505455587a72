#include "diag/advice.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tcpkit {

const Outcome* asked_for(const Observation& observation, std::string_view symbol) {
  const auto& outcomes = observation.outcomes;
  const auto last = std::find_if(outcomes.rbegin(), outcomes.rend(), [symbol](const Outcome& outcome) {
    return outcome.setting.option != nullptr && outcome.setting.option->symbol == symbol;
  });
  return last == outcomes.rend() ? nullptr : &*last;
}

std::string flag_of(const Setting& setting) {
  return setting.text.starts_with("--") ? setting.text : fmt::format("-o {}", setting.text);
}

std::string set_with(const Observation& observation, std::string_view setting) {
  return fmt::format("{}{}", observation.set_with, setting);
}

std::string set_with(const Observation& observation, std::span<const std::string> settings) {
  const std::string_view prefix = observation.set_with;
  // Its last word is the flag, which may be repeated.
  const std::size_t blank = prefix.find_last_of(' ', prefix.size() - 2);
  const std::string_view flag = blank == std::string_view::npos ? prefix : prefix.substr(blank + 1);
  return fmt::format("{}{}", prefix, fmt::join(settings, fmt::format(" {}", flag)));
}

std::string time_setting(std::string_view name, std::chrono::milliseconds time) {
  if (time.count() % 1000 != 0) return fmt::format("{}={}ms", name, time.count());
  return fmt::format("{}={}s", name, time.count() / 1000);
}

std::string in_place_of(const Observation& observation, std::initializer_list<std::string_view> symbols) {
  std::vector<std::string> flags;
  for (const std::string_view symbol : symbols) {
    if (const Outcome* outcome = asked_for(observation, symbol)) flags.push_back(flag_of(outcome->setting));
  }
  return flags.empty() ? std::string() : fmt::format(" in place of {}", fmt::join(flags, ", "));
}

}  // namespace tcpkit
