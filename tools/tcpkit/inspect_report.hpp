#pragma once

#include <tcpkit/report/report.hpp>

#include "inspect_run.hpp"

/// What programs are told of every socket: one object.
[[nodiscard]] std::vector<tcpkit::Field> socket_fields(const InspectedSocket& socket, const InspectPlan& plan,
                                                       tcpkit::SysctlValues& sysctls);

/// Whose it is and where it is: what every object about a socket begins with.
[[nodiscard]] std::vector<tcpkit::Field> identity_fields(const Match& match, std::uint64_t netns);

/// A socket in full: of a connection what `tcpkit probe` shows of its own.
[[nodiscard]] tcpkit::Report full_report(const InspectedSocket& socket, const InspectPlan& plan,
                                         tcpkit::SysctlValues& sysctls, bool complete);

/// How it went, for programs only.
[[nodiscard]] tcpkit::Report totals_report(const InspectTotals& totals);
