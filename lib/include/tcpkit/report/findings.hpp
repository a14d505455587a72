#pragma once

#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/diag/diagnose.hpp>
#include <tcpkit/report/report.hpp>

namespace tcpkit {

/// The findings, each with its evidence and remedy, and how many rules were checked. In machine formats the keys
/// findings and findings_not_checked. Pure.
[[nodiscard]] TCPKIT_API std::vector<Section> describe_findings(const Diagnosis& diagnosis);

/// {id, name, severity, title, why, evidence, remedy, source}. Pure.
[[nodiscard]] TCPKIT_API Data finding_data(const Finding& finding);

/// The same of all of them. Pure.
[[nodiscard]] TCPKIT_API Data findings_data(const Diagnosis& diagnosis);

/// [{id, reason}]. Pure.
[[nodiscard]] TCPKIT_API Data not_checked_data(const Diagnosis& diagnosis);

/// One line: "F05 rwnd-limited (warning): the peer's receive window holds the sender back". Pure.
[[nodiscard]] TCPKIT_API std::string finding_line(const Finding& finding);

}  // namespace tcpkit
