#pragma once

#include <string>

#include <tcpkit/report/report.hpp>

#include "send_plan.hpp"

/// "the peer's window", "the congestion window of 10 segments".
[[nodiscard]] std::string limiter_text(const tcpkit::PathNumbers& path);

/// The path, what held the sender back, and what that took of a processor here.
[[nodiscard]] tcpkit::Section path_section(const SendPlan& plan, const tcpkit::LoadNumbers& numbers);
