#pragma once

#include "exit_code.hpp"
#include "inspect_plan.hpp"

class Console;

/// Changes options of the sockets that were asked for: what would be changed is said first, and needs consent where it
/// is more than one socket; each change is told with the command that undoes it.
[[nodiscard]] ExitCode set_options(const InspectPlan& plan, Console& console);
