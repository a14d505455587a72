#include "inspect_run.hpp"

#include <algorithm>
#include <chrono>
#include <list>
#include <optional>

#include "inspect_order.hpp"

using namespace tcpkit;

namespace {

using Clock = std::chrono::steady_clock;

class Inspection {
 public:
  Inspection(const InspectPlan& plan, bool single, const ShowSocket& show) : plan_(plan), show_(show) {
    depth_ = plan.all ? Depth::Everything : plan.reads_options() ? Depth::Telling : Depth::Diag;
    may_be_single_ = single && depth_ == Depth::Telling;
    deadline_ = Clock::now() + plan.copying_time;
  }

  Result<InspectTotals> run() {
    Result<SearchArea> area = find_area(plan_, deadline_);
    if (!area) return area.error();
    area_ = std::move(*area);
    totals_.processes = area_.holders.pids.size();
    totals_.unreadable = area_.holders.unreadable;
    totals_.processes_late = area_.holders.late;
    for (std::size_t netns = 0; netns < area_.namespaces.size(); ++netns) {
      readers_.emplace_back(plan_, area_, netns, deadline_, closer_);
      if (auto looked = look_into(netns); !looked) return looked.error();
    }
    if (auto shown = show_rest(); !shown) return shown.error();
    return totals_;
  }

 private:
  Result<void> look_into(std::size_t netns) {
    Result<SearchNotes> notes = SearchNotes{};
    const auto work = [&] { notes = find_matches(plan_, area_, netns, [&](Match match) { take(std::move(match)); }); };
    if (auto entered = area_.namespaces[netns].run(work); !entered) return miss(entered.error());
    if (!notes) return notes.error();
    totals_.incomplete |= notes->incomplete;
    totals_.mptcp_missing |= notes->mptcp_missing;
    return {};
  }

  /// What this user may not enter does not lose the sockets of the other namespaces.
  Result<void> miss(Error error) {
    ++totals_.not_entered;
    if (error.code == std::errc::operation_not_permitted) error.hint = "run as root (CAP_SYS_ADMIN)";
    return totals_.not_entered == area_.namespaces.size() ? Result<void>(std::move(error)) : Result<void>();
  }

  /// A socket that may turn out to be the only one waits for the next one. A multipath socket comes with a subflow that
  /// has its inode, and is one with it.
  void take(Match match) {
    if (++totals_.sockets == 1) first_inode_ = match.entry.inode;
    if (match.entry.inode != first_inode_ || first_inode_ == 0) only_one_ = totals_.sockets == 1;
    if (plan_.sort != SortKey::None) return kept_.add(std::move(match));
    if (may_be_single_ && only_one_) return kept_.add(std::move(match));
    for (Match& waiting : kept_.take()) show_from(std::move(waiting), match.netns);
    show(std::move(match), depth_);
  }

  /// `here` is the namespace that this thread is in.
  void show_from(Match match, std::size_t here) {
    if (match.netns == here) return show(std::move(match), depth_);
    if (auto shown = enter_and_show(std::move(match), depth_); !shown) failure_ = shown;
  }

  Result<void> enter_and_show(Match match, Depth depth) {
    const std::size_t netns = match.netns;
    return area_.namespaces[netns].run([&] { show(std::move(match), depth); });
  }

  void show(Match match, Depth depth) {
    if (!wanted_) return;
    SocketReader& reader = *std::next(readers_.begin(), static_cast<std::ptrdiff_t>(match.netns));
    InspectedSocket socket = reader.read(std::move(match), depth);
    if (socket.not_permitted) ++totals_.not_permitted;
    if (socket.unheld) ++totals_.unheld;
    if (socket.late) ++totals_.late;
    if (socket.diagnosis && fails(plan_.diagnosis, *socket.diagnosis)) totals_.failing = true;
    wanted_ = show_(socket, reader.sysctls());
    reader.take_back(std::move(socket));
  }

  Result<void> show_rest() {
    const bool single = may_be_single_ && only_one_;
    for (Match& match : kept_.take()) {
      if (auto shown = enter_and_show(std::move(match), single ? Depth::Everything : depth_); !shown) return shown;
    }
    return failure_;
  }

  const InspectPlan& plan_;
  const ShowSocket& show_;
  Depth depth_ = Depth::Diag;
  bool may_be_single_ = false;
  bool wanted_ = true;             // somebody reads on
  bool only_one_ = true;           // all that came are one socket
  std::uint64_t first_inode_ = 0;  // 0 = nobody has it open
  Clock::time_point deadline_;
  CopyCloser closer_;
  SearchArea area_;
  std::list<SocketReader> readers_;  // one a namespace
  KeptMatches kept_{plan_.sort, plan_.top};
  InspectTotals totals_;
  Result<void> failure_;
};

}  // namespace

Result<InspectTotals> inspect_sockets(const InspectPlan& plan, bool single, const ShowSocket& show) {
  return Inspection(plan, single, show).run();
}
