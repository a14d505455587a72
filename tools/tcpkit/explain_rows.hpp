#pragma once

#include <vector>

#include <tcpkit/diag/rule.hpp>
#include <tcpkit/report/report.hpp>
#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/sysctl.hpp>
#include <tcpkit/sock/tcp_info.hpp>

/// A whole row of a table; of an option, sysctl or field with what this host has for it now: what a fresh TCP socket
/// starts with, the values of the sysctls that bear on it. The keys of their fields are those of one object.

[[nodiscard]] std::vector<tcpkit::Section> explain_row(const tcpkit::Option& option);
[[nodiscard]] std::vector<tcpkit::Section> explain_row(const tcpkit::Sysctl& sysctl);
[[nodiscard]] std::vector<tcpkit::Section> explain_row(const tcpkit::TcpInfoField& field);
[[nodiscard]] std::vector<tcpkit::Section> explain_row(const tcpkit::Rule& rule);
