#include "inspect_notes.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

#include "console.hpp"

using namespace tcpkit;

namespace {

constexpr std::string_view kHowToRead = "run as the user of the process, or as root (CAP_SYS_PTRACE)";

bool is_permission(const UnreadableProcess& process) {
  return process.error.code == std::errc::operation_not_permitted || process.error.code == std::errc::permission_denied;
}

std::string process_text(const UnreadableProcess& process) {
  return process.command.empty() ? fmt::to_string(process.pid)
                                 : fmt::format("{}[{}]", escape(process.command), process.pid);
}

std::string count_sockets(std::uint64_t count) {
  return fmt::format("{} socket{}", count, count == 1 ? "" : "s");
}

bool is_none(const Error& error) {
  return error.code == std::errc::no_such_process || error.code == std::errc::no_such_file_or_directory;
}

std::string why_unreadable(const Error& error) {
  if (is_none(error)) return "there is none";
  return error.code == Errc::bad_value ? error.doing : error.code.message();
}

}  // namespace

std::optional<Error> why_nothing(const InspectTotals& totals) {
  const auto refused = std::ranges::find_if(totals.unreadable, is_permission);
  if (refused == totals.unreadable.end()) return std::nullopt;
  return Error{refused->error.code, "look into process " + process_text(*refused), std::string(kHowToRead)};
}

std::vector<InspectNote> notes_of(const InspectPlan& plan, const InspectTotals& totals) {
  std::vector<InspectNote> notes;
  const auto complain = [&](std::string line) { notes.push_back({std::move(line), true}); };
  const auto warn = [&](std::string line) { notes.push_back({std::move(line), false}); };
  for (const UnreadableProcess& process : totals.unreadable) {
    complain(fmt::format("process {}: {}", process_text(process), why_unreadable(process.error)));
  }
  if (totals.sockets == 0 && totals.unreadable.empty()) {
    complain(plan.asked.empty() ? "there are no TCP sockets" : "no TCP socket matches " + plan.asked);
  }
  if (totals.not_permitted > 0) {
    warn(fmt::format("{} could not be looked into, for want of permission: {}", count_sockets(totals.not_permitted),
                     kHowToRead));
  }
  if (totals.late > 0) {
    warn(fmt::format("{} could not be read before --deadline: give it more time, or ask for fewer",
                     count_sockets(totals.late)));
  }
  if (totals.processes_late) warn("not all processes could be looked at before --deadline: give it more time");
  if (totals.unheld > 0) {
    warn(fmt::format("{} open in no process that /proc showed: of another PID namespace, the kernel's own, or new",
                     count_sockets(totals.unheld)));
  }
  if (totals.not_entered > 0) {
    warn(
        fmt::format("the sockets of {} network namespace{} are missing: it takes root (CAP_SYS_ADMIN) to look "
                    "into another one",
                    totals.not_entered, totals.not_entered == 1 ? "" : "s"));
  }
  if (totals.incomplete) {
    warn("sockets came and went faster than the kernel could list them: some may be missing");
  }
  return notes;
}

void tell_notes(const InspectPlan& plan, const InspectTotals& totals, Console& console,
                const std::vector<InspectNote>& told) {
  for (const InspectNote& note : notes_of(plan, totals)) {
    if (std::ranges::find(told, note) != told.end()) continue;
    note.failed ? console.complain(note.line) : console.warn(note.line);
  }
  if (totals.mptcp_missing) console.say(1, "this kernel does not list multipath TCP sockets");
}

bool have_ended(const InspectPlan& plan, const InspectTotals& totals) {
  const auto gone = [](const UnreadableProcess& process) { return is_none(process.error); };
  return !plan.processes.pids.empty() && totals.processes == 0 && std::ranges::all_of(totals.unreadable, gone);
}
