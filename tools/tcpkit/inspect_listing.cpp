#include "inspect_listing.hpp"

#include <utility>

#include <tcpkit/report/data.hpp>

#include "console.hpp"
#include "event_report.hpp"
#include "inspect_line.hpp"
#include "inspect_report.hpp"

using namespace tcpkit;

namespace {

constexpr std::string_view kSchema = "tcpkit.inspect/1";

void put_event(std::string_view name, Report& report) {
  std::vector<Field>& fields = report.sections.front().fields;
  fields.insert(fields.begin(), hidden("event", {std::string(name)}));
}

}  // namespace

Listing::Listing(const InspectPlan& plan, Console& console, ProgressWatch* watch)
    : plan_(plan), console_(console), watch_(watch) {
  if (console_.sums_up()) return;
  console_.gather();
  console_.open_list({std::string(kSchema), {}}, "sockets");
}

bool Listing::show(const InspectedSocket& socket, SysctlValues& sysctls) {
  if (console_.sums_up()) {
    sum_up(socket, sysctls);
  } else if (console_.complete()) {
    show_to_programs(socket, sysctls);
  } else {
    show_to_people(socket, sysctls);
  }
  any_ = true;
  return console_.can_print();
}

void Listing::end(const InspectTotals& totals) {
  Report rest = totals_report(totals);
  if (console_.sums_up()) {
    rest.sections.push_back(sums_.groups());
    if (listed_.empty()) rest.sections.push_back(sums_.findings());  // else they are told with their socket
    rest.sections.push_back({.fields = {hidden("sockets", {std::move(listed_)})}});
    return console_.print(rest);
  }
  if (console_.one_a_line()) put_event("summary", rest);
  console_.close_list(std::move(rest));
}

std::optional<Progress> Listing::progress_of(const InspectedSocket& socket) {
  return watch_ ? watch_->look(socket.match.entry, ProgressWatch::Clock::now()) : std::nullopt;
}

void Listing::sum_up(const InspectedSocket& socket, SysctlValues& sysctls) {
  const bool bounded = plan_.top < UINT64_MAX;
  sums_.add(socket);
  if (any_ && !bounded) return listed_.clear();
  const Report report = socket.facts ? full_report(socket, plan_, sysctls, true)
                                     : Report{{}, {{"", "", socket_fields(socket, plan_, sysctls)}}};
  listed_.push_back({to_object(report)});
}

void Listing::show_to_programs(const InspectedSocket& socket, SysctlValues& sysctls) {
  Report report = socket.facts ? full_report(socket, plan_, sysctls, true)
                               : Report{std::string(kSchema), {{"", "", socket_fields(socket, plan_, sysctls)}}};
  if (watch_) report.sections.front().fields.push_back(hidden("rates", progress_data(progress_of(socket))));
  if (console_.one_a_line()) put_event("socket", report);
  console_.print_item(std::move(report));
}

void Listing::show_to_people(const InspectedSocket& socket, SysctlValues& sysctls) {
  if (socket.facts && !watch_) {
    if (any_) console_.separate();
    return console_.print_item(full_report(socket, plan_, sysctls, console_.all()));
  }
  if (!any_) console_.print_line(list_title(plan_));
  const std::optional<Progress> progress = progress_of(socket);
  console_.print_line(socket_cells(socket.match, plan_),
                      socket_details(socket, plan_, progress ? progress_text(*progress) : "", sysctls));
}
