#pragma once

#include <tcpkit/report/report.hpp>

#include "send_plan.hpp"

/// The path, what held the sender back, and what that took of a processor here.
[[nodiscard]] tcpkit::Section path_section(const SendPlan& plan, const tcpkit::LoadNumbers& numbers);
