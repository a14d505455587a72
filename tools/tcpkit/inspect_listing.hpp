#pragma once

#include "inspect_plan.hpp"
#include "inspect_progress.hpp"
#include "inspect_run.hpp"
#include "inspect_sums.hpp"

class Console;

/// Writes sockets as they come, in every format.
class Listing {
 public:
  /// With `watch` each socket is told with what it did since the look before.
  Listing(const InspectPlan& plan, Console& console, ProgressWatch* watch = nullptr);

  /// False when nobody reads on.
  bool show(const InspectedSocket& socket, tcpkit::SysctlValues& sysctls);
  void end(const InspectTotals& totals);

 private:
  void show_to_programs(const InspectedSocket& socket, tcpkit::SysctlValues& sysctls);
  void sum_up(const InspectedSocket& socket, tcpkit::SysctlValues& sysctls);
  void show_to_people(const InspectedSocket& socket, tcpkit::SysctlValues& sysctls);
  [[nodiscard]] std::optional<Progress> progress_of(const InspectedSocket& socket);

  const InspectPlan& plan_;
  Console& console_;
  ProgressWatch* watch_;
  bool any_ = false;
  SocketSums sums_;           // these are for a format that sums up
  tcpkit::DataArray listed_;  // the only socket there is, or those of --top
};
