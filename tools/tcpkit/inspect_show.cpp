#include "inspect_show.hpp"

#include "console.hpp"
#include "inspect_listing.hpp"
#include "inspect_notes.hpp"

using namespace tcpkit;

ExitCode show_sockets(const InspectPlan& plan, Console& console) {
  Listing listing(plan, console);
  const auto show = [&](const InspectedSocket& socket, SysctlValues& sysctls) { return listing.show(socket, sysctls); };
  const Result<InspectTotals> totals = inspect_sockets(plan, true, show);
  if (!totals) return console.fail(totals.error());
  if (totals->sockets == 0) {
    if (const std::optional<Error> error = why_nothing(*totals)) return console.fail(*error);
  }
  listing.end(*totals);
  tell_notes(plan, *totals, console);
  return totals->sockets > 0 && !totals->failing ? ExitCode::Done : ExitCode::CheckFailed;
}
