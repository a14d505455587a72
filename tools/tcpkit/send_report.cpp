#include "send_report.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/report/data.hpp>
#include <tcpkit/report/findings.hpp>

#include "event_report.hpp"
#include "send_interval.hpp"
#include "send_latency_report.hpp"
#include "send_numbers.hpp"
#include "send_path_report.hpp"
#include "target_report.hpp"
#include "tcp_info_report.hpp"

using namespace tcpkit;

namespace {

constexpr std::string_view kSchema = "tcpkit.send/1";

/// Options that bear on what is measured: people see them whether they were set or not.
constexpr std::array<std::string_view, 4> kAlwaysShown = {"nodelay", "rcvbuf", "sndbuf", "congestion"};

std::string_view what_is_measured(const LoadPlan& load) {
  switch (load.mode) {
    case LoadMode::RequestResponse:
      return "round trips: from the send of a request to the last byte of its reply";
    case LoadMode::ConnectRequestResponse:
      return "from connect() to the last byte of the reply, a connection each";
    case LoadMode::WriteWriteRead:
      return "from the first of two writes of a request to the last byte of its reply";
    case LoadMode::Stream:
      return load.reversed ? "bytes that came, one way" : "bytes that the peer's kernel acknowledged, one way";
    case LoadMode::Bidirectional:
      return "bytes sent and acknowledged, and bytes that came, both ways at once";
    case LoadMode::Idle:
      break;
  }
  return "how long connections live on which nothing is sent";
}

Field shown(std::string_view key, Data data, std::string_view label, std::string text, std::string remark = {}) {
  return {std::string(key), std::move(data), std::string(label), std::move(text), std::move(remark), Show::Always};
}

bool sends(const LoadPlan& load) {
  return load.mode != LoadMode::Idle && !load.reversed;
}

bool receives(const LoadPlan& load) {
  return load.mode != LoadMode::Idle && (load.mode != LoadMode::Stream || load.reversed);
}

Data limit(Nanoseconds time) {
  return time.count() > 0 ? microseconds(time) : Data{};
}

Data limit(std::uint64_t number) {
  return number > 0 ? Data{number} : Data{};
}

std::string_view rule_name(ReplyRule::Kind kind) {
  constexpr std::array<std::string_view, 6> kNames = {"echo", "any", "none", "until", "bytes", "match"};
  return kNames.at(static_cast<std::size_t>(kind));
}

/// What was asked for; null where there is no limit or no such thing.
Data plan_data(const SendPlan& plan) {
  const LoadPlan& load = plan.load;
  return {DataObject{{"connections", Data{std::uint64_t{load.connections}}},
                     {"request_bytes", sends(load) ? Data{std::uint64_t{load.request.size()}} : Data{}},
                     {"reply", has_requests(load.mode) ? Data{std::string(rule_name(load.reply.kind))} : Data{}},
                     {"reversed", Data{load.reversed}},
                     {"count", limit(load.count)},
                     {"duration_us", limit(load.duration)},
                     {"warmup_us", limit(load.warmup)},
                     {"rate_per_s", limit(load.rate)},
                     {"timeout_us", microseconds(load.connect.timeout)},
                     {"deadline_us", plan.deadline ? microseconds(*plan.deadline) : Data{}}}};
}

std::string mode_text(const LoadPlan& load) {
  std::string text = fmt::format("{}{}, {} connection{}", load_mode_name(load.mode), load.reversed ? " reversed" : "",
                                 load.connections, load.connections == 1 ? "" : "s");
  if (sends(load))
    text +=
        fmt::format(", {} of {}", has_requests(load.mode) ? "requests" : "writes", format_bytes(load.request.size()));
  if (load.rate > 0) text += fmt::format(", {} a second scheduled", load.rate);
  return text;
}

Section about_section(const SendPlan& plan, const Measurement& measured) {
  Section section{"", "Measured against " + escape(plan.target_text), {}};
  section.fields = {
      hidden("mode", {std::string(load_mode_name(plan.load.mode))}),
      hidden("plan", plan_data(plan)),
      {.label = "what", .text = std::string(what_is_measured(plan.load))},
      {.label = "how", .text = mode_text(plan.load)},
      shown("local", {measured.load.local.text()}, "local", escape(measured.load.local.text())),
      shown("peer", {measured.load.peer.text()}, "peer", escape(measured.load.peer.text())),
      hidden("connections", {std::uint64_t{plan.load.connections}}),
      hidden("opened", {measured.load.opened}),
      hidden("reopened", {measured.load.reopened}),
  };
  return section;
}

/// No bytes are news only where some were to be expected.
Field bytes_field(std::string_view key, std::string_view label, std::uint64_t bytes, Nanoseconds time, bool expected) {
  Field field = shown(key, {bytes}, label, bit_rate_text(bytes, time),
                      fmt::format("{} bytes/s, {} bytes in all", rate_text(bytes, time), bytes));
  if (!expected && bytes == 0) field.show = Show::Never;
  return field;
}

Field errors_field(const Measurement& measured) {
  const std::uint64_t errors = failed(measured.load.numbers);
  std::string why = failures_text(measured.load.numbers);
  if (measured.load.first_failure) {
    const Error& first = *measured.load.first_failure;
    why += fmt::format("{}first: {}", why.empty() ? "" : "; ", describe(first));
    if (!first.hint.empty()) why += fmt::format(" ({})", first.hint);
  }
  return shown("errors", {errors}, "failed", fmt::to_string(errors), std::move(why));
}

std::string ending(const SendPlan& plan, const LoadResult& load) {
  if (load.stopped) return "interrupted: these are the numbers so far";
  if (load.deadline_passed && plan.deadline) {
    return fmt::format("--deadline {} passed: these are the numbers so far", format_duration(*plan.deadline));
  }
  return "";
}

Section result_section(const SendPlan& plan, const Measurement& measured) {
  const LoadResult& load = measured.load;
  const LoadNumbers& numbers = load.numbers;
  const bool requests = has_requests(plan.load.mode);
  const std::string done = requests ? "requests" : plan.load.reversed ? "" : "writes";
  const bool idle = plan.load.mode == LoadMode::Idle;
  const std::uint64_t ended = numbers.lifetime.count();
  Section section{"", "Result", {}};
  section.fields = {
      shown("duration_us", microseconds(numbers.duration), "time", format_duration(numbers.duration),
            ending(plan, load)),
      {"requests", Data{numbers.requests}, done, fmt::to_string(numbers.requests), "",
       idle || plan.load.reversed ? Show::Never : Show::Always},
      errors_field(measured),
      {"rate_per_s", rate_data(numbers.requests, numbers.duration), "rate",
       rate_text(numbers.requests, numbers.duration) + "/s", "", requests ? Show::Always : Show::Never},
      {"peak_connections", Data{load.peak_connections}, "held",
       fmt::format("{} connection{}", load.peak_connections, load.peak_connections == 1 ? "" : "s"),
       fmt::format("{} of them ended by the server", ended), idle ? Show::Always : Show::Never},
      bytes_field("bytes_sent", "sent", numbers.bytes_sent, numbers.duration, sends(plan.load)),
      bytes_field("bytes_received", "received", numbers.bytes_received, numbers.duration, receives(plan.load)),
      hidden("sent_bytes_per_s", rate_data(numbers.bytes_sent, numbers.duration)),
      hidden("received_bytes_per_s", rate_data(numbers.bytes_received, numbers.duration)),
      hidden("failures", failures_data(numbers)),
      hidden("first_failure", failure_data(load.first_failure)),
      {"late", plan.load.rate > 0 ? Data{numbers.late} : Data{}, "late", fmt::to_string(numbers.late),
       "requests that found no connection free at their time", numbers.late > 0 ? Show::Always : Show::Never},
      hidden("absences", {DataObject{{"count", Data{load.absences.count}},
                                     {"total_us", microseconds(load.absences.total)},
                                     {"longest_us", microseconds(load.absences.longest)}}}),
      hidden("interrupted", {load.stopped}),
      hidden("deadline_passed", {load.deadline_passed}),
  };
  return section;
}

Section notes_section(const Measurement& measured) {
  Section section{"", "Notes", {}};
  DataArray notes;
  for (const Note& note : measured.notes) {
    notes.push_back({DataObject{{"id", Data{std::string(note.id)}}, {"text", Data{note.text}}}});
    section.fields.push_back({.remark = note.text});
  }
  section.fields.push_back(hidden("notes", {std::move(notes)}));
  return section;
}

/// Sections of a connection that bear on a measurement.
void add_connection(const Measurement& measured, SysctlValues& sysctls, bool complete, Report& report) {
  ConnectionView view;
  view.complete = complete;
  for (Section& section : describe_connection(measured.facts, sysctls, view)) {
    if (section.key != "options" && section.key != "raw_options") continue;
    for (Field& field : section.fields) {
      const bool requested = field.remark.starts_with("requested");
      const bool always = std::ranges::find(kAlwaysShown, field.label) != kAlwaysShown.end();
      field.show = requested || always ? Show::Always : Show::All;
    }
    report.sections.push_back(std::move(section));
  }
}

}  // namespace

Report measurement_report(const SendPlan& plan, const Measurement& measured, SysctlValues& sysctls, bool complete) {
  const LoadResult& load = measured.load;
  Report report{std::string(kSchema), {}};
  if (measured.one_a_line) report.sections.push_back({"", "", {hidden("event", {std::string("summary")})}});
  report.sections.push_back(target_section(plan.target, load.peer));
  report.sections.push_back(about_section(plan, measured));
  report.sections.push_back(result_section(plan, measured));
  std::ranges::move(latency_sections(plan, load.numbers), std::back_inserter(report.sections));
  report.sections.push_back(path_section(plan, load.numbers));
  report.sections.push_back(timing_section(measured.resolve_time, connect_time(measured.attempts)));
  report.sections.back().title.clear();  // for programs only: a series of connects has better numbers
  for (Field& field : report.sections.back().fields) field.show = Show::Never;
  report.sections.push_back(attempts_section(measured.attempts));
  add_connection(measured, sysctls, complete, report);
  const Snapshot& before = measured.facts.snapshot;
  report.sections.push_back(tcp_info_section("tcp_info_before", "TCP_INFO before", before.info, before.info_reason));
  report.sections.push_back(
      tcp_info_section("tcp_info_after", "TCP_INFO after", load.info_after, load.info_after_reason));
  if (!measured.one_a_line) report.sections.push_back({"", "", {hidden("intervals", {measured.intervals})}});
  report.sections.push_back(notes_section(measured));
  std::ranges::move(describe_findings(measured.facts.diagnosis), std::back_inserter(report.sections));
  return report;
}
