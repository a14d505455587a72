#pragma once

#include "exit_code.hpp"
#include "inspect_plan.hpp"

class Console;

/// Shows the sockets that were asked for, once.
[[nodiscard]] ExitCode show_sockets(const InspectPlan& plan, Console& console);
