#pragma once

#include "exit_code.hpp"
#include "send_plan.hpp"

class Console;

/// Sends the messages and judges their replies.
[[nodiscard]] ExitCode send_messages(const SendPlan& plan, Console& console);
