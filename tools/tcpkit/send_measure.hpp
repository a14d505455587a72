#pragma once

#include "exit_code.hpp"
#include "send_plan.hpp"

class Console;

/// Resolves, connects, measures, reports.
[[nodiscard]] ExitCode measure(const SendPlan& plan, Console& console);
