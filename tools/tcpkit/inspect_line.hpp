#pragma once

#include <string>
#include <vector>

#include <tcpkit/report/report.hpp>

#include "inspect_read.hpp"

/// One socket in a list for people.

/// What stands above the list.
[[nodiscard]] std::string list_title();

/// The columns: process, state, addresses.
[[nodiscard]] std::string socket_cells(const InspectedSocket& socket);

/// What else there is to say: round-trip time, window, queues, what holds it back, options that were chosen, why some
/// could not be read; with --only what was asked for and nothing else.
[[nodiscard]] std::vector<std::string> socket_details(const InspectedSocket& socket, const InspectPlan& plan,
                                                      tcpkit::SysctlValues& sysctls);

/// Both, on one line of `width` columns where they fit; else the details follow on lines of their own.
[[nodiscard]] tcpkit::Field line_field(std::string cells, const std::vector<std::string>& details, int width);
