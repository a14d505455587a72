#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inspect_run.hpp"

class Console;

/// Nothing was found because what was asked for may not be looked into.
[[nodiscard]] std::optional<tcpkit::Error> why_nothing(const InspectTotals& totals);

/// A line on standard error.
struct InspectNote {
  std::string line;
  bool failed = false;  ///< more than a warning

  friend bool operator==(const InspectNote&, const InspectNote&) = default;
};

[[nodiscard]] std::vector<InspectNote> notes_of(const InspectPlan& plan, const InspectTotals& totals);

/// What the sockets shown do not tell: that there are none, that options could not be read, and how to read them.
/// `told` are those that need not be told again.
void tell_notes(const InspectPlan& plan, const InspectTotals& totals, Console& console,
                const std::vector<InspectNote>& told = {});

/// Every process that was asked for by its number is no more.
[[nodiscard]] bool have_ended(const InspectPlan& plan, const InspectTotals& totals);
