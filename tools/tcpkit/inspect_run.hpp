#pragma once

#include <functional>

#include "inspect_read.hpp"

/// How a look at all sockets went.
struct InspectTotals {
  std::uint64_t sockets = 0;        ///< that were asked for
  std::uint64_t processes = 0;      ///< that were found, where any were looked for
  std::uint64_t not_permitted = 0;  ///< shown, but this user may not look into them
  std::uint64_t unheld = 0;         ///< shown, but no process in /proc has them open
  std::uint64_t not_entered = 0;    ///< network namespaces of processes asked for, whose sockets are not among these
  std::uint64_t late = 0;           ///< shown, but the time to read them was over
  bool processes_late = false;      ///< the time was over before all processes had been looked at
  bool failing = false;             ///< a finding that --fail-on is about
  bool incomplete = false;
  bool mptcp_missing = false;
  std::vector<tcpkit::UnreadableProcess> unreadable;
};

/// What receives the sockets, in their order. Called within the network namespace of the socket. False = it wants no
/// more of them.
using ShowSocket = std::function<bool(const InspectedSocket& socket, tcpkit::SysctlValues& sysctls)>;

/// Finds what the plan asks for and reads it. Sockets are told as they are found, those of --sort at the end. `single`
/// = when it is only one, everything is read.
[[nodiscard]] tcpkit::Result<InspectTotals> inspect_sockets(const InspectPlan& plan, bool single,
                                                            const ShowSocket& show);
