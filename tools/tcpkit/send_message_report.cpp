#include "send_message_report.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <tcpkit/base/units.hpp>
#include <tcpkit/report/data.hpp>

#include "event_report.hpp"
#include "send_numbers.hpp"
#include "target_report.hpp"
#include "tcp_info_report.hpp"

using namespace tcpkit;

namespace {

constexpr std::string_view kSchema = "tcpkit.send/1";

Data failure_data(const std::optional<SendFailure>& failure) {
  if (!failure) return {};
  return {DataObject{{"doing", {failure->doing}}, {"code", {failure->code}}, {"message", {failure->message}}}};
}

Data difference_data(const std::optional<Difference>& difference) {
  if (!difference) return {};
  return {DataObject{{"offset", {difference->offset}},
                     {"expected", {escape({&difference->expected, 1})}},
                     {"got", {escape({&difference->got, 1})}}}};
}

std::vector<std::pair<std::string, Data>> reply_fields(const SentMessage& message,
                                                       const std::optional<SendFailure>& failure) {
  const ExchangeResult& result = message.result;
  const bool failed = result.verdict != Verdict::Right && failure;
  return {{"bytes", {result.bytes_received}},
          {"text", {escape(message.reply)}},
          {"truncated", {message.truncated}},
          {"verdict", {std::string(verdict_name(result.verdict))}},
          {"detail", failed ? Data{failure->message} : Data{}},
          {"expected_bytes", number_or_null(result.expected)},
          {"first_difference", difference_data(result.difference)}};
}

Section counts_section(const MessageRun& run) {
  Section section;
  section.fields.push_back(hidden("mode", {std::string("message")}));
  section.fields.push_back(hidden("requests", {run.requests}));
  section.fields.push_back(hidden("errors", {run.errors}));
  section.fields.push_back(hidden("bytes_sent", {run.bytes_sent}));
  section.fields.push_back(hidden("bytes_received", {run.bytes_received}));
  section.fields.push_back(hidden("duration_us", microseconds(run.duration)));
  section.fields.push_back(hidden("latency_us", times_data(run.latency, {}, 1000)));
  section.fields.push_back(hidden("reply", {reply_fields(run.last, run.failure)}));
  section.fields.push_back(hidden("interrupted", {run.interrupted}));
  section.fields.push_back(hidden("failure", failure_data(run.failure)));
  return section;
}

/// What is in force on the connection, less what says nothing of messages.
std::vector<Section> options_sections(const MessageRun& run, SysctlValues& sysctls) {
  const ConnectionView view{.only = std::nullopt, .complete = true, .bandwidth_bps = std::nullopt};
  std::vector<Section> chosen = describe_connection(run.facts, sysctls, view);
  std::erase_if(chosen,
                [](const Section& section) { return section.key != "options" && section.key != "raw_options"; });
  return chosen;
}

Section endpoints_section(const MessageRun& run) {
  return {
      .fields = {hidden("local", {run.facts.snapshot.local.text()}), hidden("peer", {run.facts.snapshot.peer.text()})}};
}

}  // namespace

Report reply_report(const SentMessage& message, const std::optional<SendFailure>& failure) {
  std::vector<Field> fields = {hidden("number", {message.number}),
                               hidden("local", {message.local.text()}),
                               hidden("peer", {message.peer.text()}),
                               hidden("bytes_sent", {message.result.bytes_sent}),
                               hidden("duration_us", microseconds(message.result.duration)),
                               hidden("reply", {reply_fields(message, failure)})};
  return event_report(kSchema, "reply", {}, std::move(fields));
}

Report messages_report(const SendPlan& plan, const MessageRun& run, SysctlValues& sysctls, bool is_event) {
  Report report = is_event ? event_report(kSchema, "summary", {}, {}) : Report{std::string(kSchema), {}};
  report.sections.push_back(target_section(plan.target, run.facts.snapshot.peer));
  report.sections.push_back(endpoints_section(run));
  report.sections.push_back(counts_section(run));
  report.sections.push_back(timing_section(run.resolve_time, run.connect_time));
  report.sections.push_back(attempts_section(run.attempts));
  std::ranges::move(options_sections(run, sysctls), std::back_inserter(report.sections));
  const Snapshot& before = run.facts.snapshot;
  report.sections.push_back(tcp_info_section("tcp_info_before", "", before.info, before.info_reason));
  report.sections.push_back(tcp_info_section("tcp_info_after", "", run.info_after, run.info_after_reason));
  return report;
}
