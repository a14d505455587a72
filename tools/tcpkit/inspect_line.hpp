#pragma once

#include <string>
#include <string_view>

#include "inspect_read.hpp"

/// One socket in a list for people.

/// What stands above the list.
[[nodiscard]] std::string list_title(const InspectPlan& plan);

/// The columns: process, or the user where no process was looked for; state, addresses.
[[nodiscard]] std::string socket_cells(const Match& match, const InspectPlan& plan);

/// What else there is to say: `progress`, if any; round-trip time, window, queues, what holds it back, options that
/// were chosen, why some could not be read; with --only what was asked for and nothing else.
[[nodiscard]] std::string socket_details(const InspectedSocket& socket, const InspectPlan& plan,
                                         std::string_view progress, tcpkit::SysctlValues& sysctls);
