#include "outcomes.hpp"

#include <tcpkit/report/connection.hpp>

#include "console.hpp"

using namespace tcpkit;

bool tell_outcomes(std::span<const Outcome> outcomes, Console& console) {
  bool changed = false;
  for (const Outcome& outcome : outcomes) {
    if (outcome.effect != Effect::Changed) {
      console.say(1, describe_outcome(outcome));
      continue;
    }
    changed = true;
    console.warn(describe_outcome(outcome));
  }
  return changed;
}
