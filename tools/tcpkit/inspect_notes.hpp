#pragma once

#include <optional>

#include "inspect_run.hpp"

class Console;

/// Nothing was found because what was asked for may not be looked into.
[[nodiscard]] std::optional<tcpkit::Error> why_nothing(const InspectTotals& totals);

/// What the sockets shown do not tell: that there are none, that options could not be read, and how to read them.
void tell_notes(const InspectPlan& plan, const InspectTotals& totals, Console& console);
