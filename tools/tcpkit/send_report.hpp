#pragma once

#include <string>

#include <tcpkit/report/report.hpp>
#include <tcpkit/sock/sysctl_values.hpp>

#include "send_plan.hpp"
#include "send_result.hpp"

/// What was measured, schema tcpkit.send/1. `complete`: with all options, not only those that stand out.
[[nodiscard]] tcpkit::Report measurement_report(const SendPlan& plan, const Measurement& measured,
                                                tcpkit::SysctlValues& sysctls, bool complete);
