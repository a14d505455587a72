#pragma once

#include "exit_code.hpp"
#include "inspect_plan.hpp"

class Console;

/// Shows the sockets again and again, until a signal ends it.
[[nodiscard]] ExitCode watch_sockets(const InspectPlan& plan, Console& console);
