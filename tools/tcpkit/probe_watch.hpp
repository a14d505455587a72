#pragma once

#include "exit_code.hpp"
#include "probe_plan.hpp"
#include "probe_run.hpp"

class Console;

/// Connects, keeps the connection and shows TCP_INFO again and again, until it ends or a signal comes.
[[nodiscard]] ExitCode watch_connection(const ProbePlan& plan, ProbeEvents& events, Console& console);
