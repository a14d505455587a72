#include "diag/advice.hpp"

#include <algorithm>

#include <fmt/format.h>

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

}  // namespace tcpkit
