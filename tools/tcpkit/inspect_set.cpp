#include "inspect_set.hpp"

#include <unistd.h>

#include <array>
#include <chrono>
#include <vector>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/proc/foreign_socket.hpp>
#include <tcpkit/proc/socket_set.hpp>

#include "console.hpp"
#include "inspect_copy.hpp"
#include "inspect_find.hpp"
#include "inspect_notes.hpp"
#include "inspect_set_report.hpp"
#include "short_reading.hpp"

using namespace tcpkit;

namespace {

/// Sockets to change, and the ways to them.
class Changes {
 public:
  Changes(const InspectPlan& plan, Console& console) : plan_(plan), console_(console) {}

  ExitCode run() {
    if (auto found = find(); !found) return console_.fail(found.error());
    if (matches_.empty()) return nothing();
    if (auto checked = check(); !checked) return console_.fail(checked.error());
    if (auto agreed = agree(); !agreed) return console_.fail(agreed.error());
    console_.open_list(set_head(), "sockets");
    for (std::size_t netns = 0; netns < area_.namespaces.size(); ++netns) {
      if (auto done = change_in(netns); !done) return console_.fail(done.error());
    }
    console_.close_list(set_totals(matches_.size(), done_, failed_, console_.one_a_line()));
    return verdict();
  }

 private:
  Result<void> find() {
    Result<SearchArea> area = find_area(plan_, std::chrono::steady_clock::time_point::max());
    if (!area) return area.error();
    area_ = std::move(*area);
    for (std::size_t netns = 0; netns < area_.namespaces.size(); ++netns) {
      Result<SearchNotes> notes = SearchNotes{};
      const auto keep = [&](Match match) { take(std::move(match)); };
      const auto entered = area_.namespaces[netns].run([&] { notes = find_matches(plan_, area_, netns, keep); });
      if (!entered) return entered.error();
      if (!notes) return notes.error();
    }
    return {};
  }

  /// A subflow has the options of its multipath socket, which is listed too; what no process has open (any more) has
  /// nobody who would notice.
  void take(Match match) {
    if (match.entry.ulp == "mptcp") return;
    if (match.entry.inode == 0) {
      ++left_over_;
    } else {
      matches_.push_back(std::move(match));
    }
  }

  ExitCode nothing() {
    InspectTotals totals;
    totals.sockets = left_over_;
    totals.unreadable = area_.holders.unreadable;
    if (const std::optional<Error> error = why_nothing(totals)) return console_.fail(*error);
    console_.open_list(set_head(), "sockets");
    console_.close_list(set_totals(0, 0, 0, console_.one_a_line()));
    tell_notes(plan_, totals, console_);
    if (left_over_ > 0) console_.complain("--set: no process has a socket open that matches " + plan_.asked);
    return ExitCode::CheckFailed;
  }

  Result<void> check() const {
    for (const Match& match : matches_) {
      if (auto checked = check(match.entry.state == SocketState::Listen); !checked) return checked;
    }
    return {};
  }

  [[nodiscard]] Result<void> check(bool listening) const {
    for (const Setting& setting : plan_.settings) {
      const Result<void> checked = check_late_setting(setting, listening);
      if (!checked) return bad_value(fmt::format("--set: {}", checked.error().doing));
    }
    return {};
  }

  Result<void> agree() {
    if (matches_.size() == 1 || plan_.yes) return {};
    for (const Match& match : matches_) tell_intent(match);
    const std::string question = fmt::format("change {} sockets", matches_.size());
    if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1) {
      return bad_value(fmt::format("--set would {}: --yes does it", question));
    }
    return console_.ask(question) ? Result<void>() : bad_value("--set: nothing was changed");
  }

  /// "nginx[812]/6 127.0.0.1:80: keepidle 7200 s -> 60 s".
  void tell_intent(const Match& match) {
    const Result<ForeignSocket> copied = copy_socket(match, area_.holders, doors_, closer_);
    for (const Setting& setting : plan_.settings) {
      if (setting.option == nullptr) continue;
      const std::string before = copied ? short_reading(read_option(copied->descriptor(), *setting.option))
                                        : fmt::format("{} ({})", setting.name, describe_no_copy(copied.error()));
      console_.complain(
          fmt::format("{}: {} -> {}", socket_text(match), before, short_value(*setting.option, setting.value)));
    }
  }

  Result<void> change_in(std::size_t netns) {
    return area_.namespaces[netns].run([&] {
      SysctlValues sysctls;
      for (const Match& match : matches_) {
        if (match.netns == netns) change(match, sysctls);
      }
    });
  }

  void change(const Match& match, SysctlValues& sysctls) {
    std::vector<Change> changes;
    const Result<ForeignSocket> copied = copy_socket(match, area_.holders, doors_, closer_);
    for (const Setting& setting : plan_.settings) {
      Result<LateSetting> result =
          copied ? set_late(copied->descriptor(), setting, sysctls) : Result<LateSetting>(copied.error());
      if (result) {
        ++done_;
      } else {
        ++failed_;
        first_error_ = first_error_ ? first_error_ : std::optional(result.error());
      }
      changes.push_back({setting, std::move(result), copied.has_value()});
    }
    for (const Change& change : changes) {
      if (!change.result) console_.complain(failure_text(match, change));
    }
    console_.print_item(set_report(match, area_.namespaces[match.netns].inode(), changes, console_.one_a_line()));
  }

  ExitCode verdict() const {
    if (failed_ == 0) return ExitCode::Done;
    // By the program, that is: nothing of ours is broken.
    const bool closed =
        first_error_->code == std::errc::bad_file_descriptor || first_error_->code == std::errc::not_a_socket;
    return done_ > 0 || closed ? ExitCode::CheckFailed : exit_code(*first_error_);
  }

  const InspectPlan& plan_;
  Console& console_;
  CopyCloser closer_;
  ProcessDoors doors_;
  SearchArea area_;
  std::vector<Match> matches_;
  std::uint64_t left_over_ = 0;  // sockets that match and that no process has open
  std::uint64_t done_ = 0;
  std::uint64_t failed_ = 0;
  std::optional<Error> first_error_;
};

}  // namespace

ExitCode set_options(const InspectPlan& plan, Console& console) {
  return Changes(plan, console).run();
}
