#pragma once

#include <tcpkit/report/report.hpp>
#include <tcpkit/sock/sysctl_values.hpp>

#include "probe_plan.hpp"
#include "probe_run.hpp"

/// The result as a report, schema tcpkit.probe/1. Reads no sysctl that the view does not show.
[[nodiscard]] tcpkit::Report probe_report(const ProbePlan& plan, const ProbeResult& result,
                                          tcpkit::SysctlValues& sysctls);
