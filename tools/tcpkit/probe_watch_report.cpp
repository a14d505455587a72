#include "probe_watch_report.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/report/data.hpp>
#include <tcpkit/report/findings.hpp>

#include "event_report.hpp"
#include "probe_report.hpp"
#include "target_report.hpp"
#include "tcp_info_report.hpp"
#include "wall_clock.hpp"

using namespace tcpkit;

namespace {

constexpr std::string_view kSchema = "tcpkit.probe/1";

Data info_data(const ProbePlan& plan, const Look& look) {
  if (!look.info) return {};
  if (!plan.view.only) return tcp_info_data(*look.info);
  DataObject object;
  for (const TcpInfoField* field : plan.view.only->fields) {
    object.emplace_back(field->key, number_or_null(look.info->get(*field)));
  }
  return {std::move(object)};
}

bool is_watched(const ProbePlan& plan, const TcpInfoField& field) {
  return !plan.view.only || std::ranges::find(plan.view.only->fields, &field) != plan.view.only->fields.end();
}

/// Of every counter, or null where there is nothing to compare with.
Data growth_data(const ProbePlan& plan, const WatchSample& sample) {
  if (!sample.before) return {};
  DataObject object;
  for (const TcpInfoField& field : tcp_info_fields()) {
    if (!field.cumulative || !is_watched(plan, field)) continue;
    object.emplace_back(field.key, number_or_null(growth(field, *sample.before, sample.now)));
  }
  return {std::move(object)};
}

/// What people would compute from the growth first.
Data rates_data(const WatchSample& sample) {
  if (!sample.before) return {};
  const auto rate = [&](std::string_view name) -> Data {
    const auto number = growth_per_second(tcp_info_field(name), *sample.before, sample.now);
    return number ? Data{static_cast<std::uint64_t>(*number)} : Data{};
  };
  const auto share = [&](std::string_view name) {
    return number_or_null(share_percent(tcp_info_field(name), *sample.before, sample.now));
  };
  return {DataObject{
      {"interval_us", microseconds(sample.now.at - sample.before->at)},
      {"acked_bytes_per_s", rate("bytes_acked")},
      {"received_bytes_per_s", rate("bytes_received")},
      {"retransmissions", number_or_null(growth(tcp_info_field("total_retrans"), *sample.before, sample.now))},
      {"busy_percent", share("busy_time")},
      {"rwnd_limited_percent", share("rwnd_limited")},
      {"sndbuf_limited_percent", share("sndbuf_limited")}}};
}

Data time_or_null(const std::optional<Nanoseconds>& time) {
  return time ? microseconds(*time) : Data{};
}

Data echo_data(const std::optional<EchoNumbers>& echo) {
  if (!echo) return {};
  return {DataObject{{"messages", {echo->messages}},
                     {"returned", {echo->returned}},
                     {"outstanding_bytes", {echo->outstanding_bytes}},
                     {"last_us", time_or_null(echo->last)},
                     {"waited_us", time_or_null(echo->waited)}}};
}

constexpr std::array<std::string_view, 11> kInLine = {"rtt",         "rttvar",         "min_rtt",       "snd_cwnd",
                                                      "unacked",     "lost",           "total_retrans", "delivery_rate",
                                                      "bytes_acked", "bytes_received", "last_ack_recv"};

std::vector<const TcpInfoField*> fields_in_line(const ProbePlan& plan) {
  if (plan.view.only) return plan.view.only->fields;
  std::vector<const TcpInfoField*> fields(kInLine.size());
  std::ranges::transform(kInLine, fields.begin(), [](std::string_view name) { return &tcp_info_field(name); });
  return fields;
}

/// A state that goes without saying is not said.
std::string unusual(const Look& look, std::string_view name, std::uint64_t usual) {
  const TcpInfoField& field = tcp_info_field(name);
  const auto number = number_in(look, field);
  return number && *number != usual ? "  " + format_value(field, *number) : "";
}

std::string echo_text(const EchoNumbers& echo) {
  if (echo.waited) return fmt::format("  echo - (for {})", format_duration(*echo.waited));
  return echo.last ? fmt::format("  echo {}", format_duration(*echo.last)) : "  echo -";
}

std::string sample_line(const ProbePlan& plan, const WatchSample& sample) {
  constexpr std::uint64_t kEstablished = 1;
  constexpr std::uint64_t kOpen = 0;
  std::string line = time_of_day();
  if (!sample.now.info) return line + "  " + sample.now.reason;
  for (const TcpInfoField* field : fields_in_line(plan)) {
    line += fmt::format("  {} {:<11}", field->name, shown(*field, sample.before, sample.now).text);
  }
  line += unusual(sample.now, "state", kEstablished) + unusual(sample.now, "ca_state", kOpen);
  if (sample.echo) line += echo_text(*sample.echo);
  line.resize(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace

std::string_view ending_name(WatchEnding how) {
  switch (how) {
    case WatchEnding::Done:
      return "done";
    case WatchEnding::Closed:
      return "closed";
    case WatchEnding::Lost:
      return "lost";
    case WatchEnding::Differs:
      return "differs";
    case WatchEnding::Deadline:
      return "deadline";
    case WatchEnding::Interrupted:
    case WatchEnding::Unread:
      break;
  }
  return "interrupted";
}

Report watched_report(const ProbePlan& plan, const ProbeResult& result, SysctlValues& sysctls) {
  Report report = event_report(kSchema, "connected", "", {});
  std::ranges::move(probe_report(plan, result, sysctls).sections, std::back_inserter(report.sections));
  return report;
}

std::string watched_line(const ProbePlan& plan, const ProbeResult& result) {
  const Snapshot& snapshot = result.facts.snapshot;
  const std::string own = plan.target ? "" : ", an echo peer of its own";
  return fmt::format("{}  connected to {}{}, from {}, in {}", time_of_day(), snapshot.peer.text(), own,
                     snapshot.local.text(), format_duration(result.connect_time));
}

Report sample_report(const ProbePlan& plan, const WatchSample& sample) {
  return event_report(
      kSchema, "sample", sample_line(plan, sample),
      {hidden("time", {time_stamp()}), hidden("elapsed_us", microseconds(sample.elapsed)),
       hidden("tcp_info", info_data(plan, sample.now)), hidden("tcp_info_reason", text_or_null(sample.now.reason)),
       hidden("growth", growth_data(plan, sample)), hidden("rates", rates_data(sample)),
       hidden("echo", echo_data(sample.echo))});
}

Report ended_report(const ProbePlan& plan, const WatchResult& result) {
  std::vector<Field> fields = {hidden("time", {time_stamp()}), hidden("elapsed_us", microseconds(result.elapsed)),
                               hidden("samples", {result.samples}),
                               hidden("how", {std::string(ending_name(result.how))}),
                               hidden("error", failure_data(result.error))};
  if (!plan.view.only) {
    fields.push_back(hidden("findings", findings_data(result.diagnosis)));
    fields.push_back(hidden("findings_not_checked", not_checked_data(result.diagnosis)));
  }
  return event_report(kSchema, "ended", "", std::move(fields));
}
