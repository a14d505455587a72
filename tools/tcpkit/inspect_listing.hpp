#pragma once

#include "inspect_plan.hpp"
#include "inspect_progress.hpp"
#include "inspect_run.hpp"

class Console;

/// Writes sockets as they come, in every format.
class Listing {
 public:
  /// With `watch` each socket is told with what it did since the look before.
  Listing(const InspectPlan& plan, Console& console, ProgressWatch* watch = nullptr);

  void show(const InspectedSocket& socket, tcpkit::SysctlValues& sysctls);
  void end(const InspectTotals& totals);

 private:
  [[nodiscard]] tcpkit::Report for_programs(const InspectedSocket& socket, tcpkit::SysctlValues& sysctls);
  [[nodiscard]] tcpkit::Report for_people(const InspectedSocket& socket, tcpkit::SysctlValues& sysctls);
  [[nodiscard]] std::optional<Progress> progress_of(const InspectedSocket& socket);

  const InspectPlan& plan_;
  Console& console_;
  ProgressWatch* watch_;
  int width_;
  bool any_ = false;
};
