#include "serve_report.hpp"

#include <array>
#include <chrono>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/report/connection.hpp>
#include <tcpkit/report/data.hpp>
#include <tcpkit/report/findings.hpp>
#include <tcpkit/sock/unit.hpp>

#include "error_name.hpp"
#include "event_report.hpp"
#include "short_reading.hpp"
#include "tcp_info_report.hpp"

using namespace tcpkit;

namespace {

constexpr std::size_t kShownBytes = 100;

Report event(std::string_view name, std::string line, std::vector<Field> fields) {
  return event_report("tcpkit.serve/1", name, std::move(line), std::move(fields));
}

std::string shown(const Endpoint& endpoint) {
  return escape(endpoint.text());  // an interface may have any name
}

Data setting_or_null(std::optional<std::int64_t> number) {
  return number ? Data{*number} : Data{};
}

std::string text_or_dash(auto number) {
  return number ? fmt::to_string(*number) : "-";
}

Data message_or_null(const std::error_code& error) {
  return error ? Data{error.message()} : Data{};
}

Data code_or_null(const std::error_code& error) {
  return error ? Data{error_name(error)} : Data{};
}

Data passed_data(const PassedSocket& passed) {
  return {DataObject{{"descriptor", {std::int64_t{passed.descriptor}}}, {"name", text_or_null(passed.name)}}};
}

Report traffic_report(std::string_view name, std::string_view preposition, const Endpoint& peer,
                      std::string_view bytes) {
  const std::string text = escape(bytes, kShownBytes);
  return event(name,
               fmt::format("{} {} byte{} {} {}: \"{}\"", name, bytes.size(), bytes.size() == 1 ? "" : "s", preposition,
                           shown(peer), text),
               {hidden("peer", {peer.text()}), hidden("bytes", {static_cast<std::uint64_t>(bytes.size())}),
                hidden("text", {text})});
}

std::string close_words(const ClosedConnection& connection) {
  const std::string why = connection.error ? ": " + connection.error.message() : "";
  switch (connection.reason) {
    case CloseReason::Client:
      return "by the client" + why;
    case CloseReason::Served:
      return "everything served" + why;
    case CloseReason::Reset:
      return "lost" + why;
    case CloseReason::Idle:
      return "idle too long" + why;
    case CloseReason::Lifetime:
      return "its lifetime was over" + why;
    case CloseReason::Drained:
      return "the grace period was over" + why;
    case CloseReason::Failed:
      break;
  }
  return "a failure here" + why;
}

std::optional<std::uint64_t> waiting(const Health& health) {
  return health.queue ? std::optional(health.queue->waiting) : std::nullopt;
}

std::optional<std::uint64_t> backlog(const Health& health) {
  return health.queue ? std::optional(health.queue->backlog) : std::nullopt;
}

std::string connections(std::uint64_t count) {
  return fmt::format("{} connection{}", count, count == 1 ? "" : "s");
}

std::string_view pause_reason(const Pause& pause) {
  return pause.error ? "error" : "max-connections";
}

}  // namespace

Report listening_report(const Endpoint& address, const Backlog& backlog, const PassedSocket* passed) {
  const DataObject object{{"asked", {std::int64_t{backlog.asked}}},
                          {"effective", number_or_null(backlog.effective)},
                          {"somaxconn", setting_or_null(backlog.somaxconn)},
                          {"max_syn_backlog", setting_or_null(backlog.max_syn_backlog)}};
  return event(
      "listening",
      fmt::format("listening on {}, backlog {} (asked {}; net.core.somaxconn = {}, "
                  "net.ipv4.tcp_max_syn_backlog = {}){}",
                  shown(address), text_or_dash(backlog.effective), backlog.asked, text_or_dash(backlog.somaxconn),
                  text_or_dash(backlog.max_syn_backlog), passed ? fmt::format(", {}", describe_passed(*passed)) : ""),
      {hidden("address", {address.text()}), hidden("backlog", {object}),
       hidden("passed", passed ? passed_data(*passed) : Data{})});
}

Report connected_report(const Endpoint& local, const Endpoint& peer, std::span<const ShownOption> options) {
  DataObject object;
  std::string list;
  for (const ShownOption& option : options) {
    object.emplace_back(option.reading.option->symbol,
                        option_data(option.reading, option.provenance, option.requested));
    list += (list.empty() ? "" : ", ") + short_reading(option.reading);
  }
  return event("connected", fmt::format("connected from {}: {}", shown(peer), list),
               {hidden("peer", {peer.text()}), hidden("local", {local.text()}), hidden("options", {object})});
}

Report changed_report(const Outcome& outcome) {
  const Setting& setting = outcome.setting;
  const std::string symbol(setting.option != nullptr ? setting.option->symbol : "");
  return event("changed", {},
               {hidden("option", text_or_null(symbol)), hidden("name", {setting.name}),
                hidden("requested", to_data(setting.value)), hidden("value", to_data(outcome.effective)),
                hidden("why", {outcome.why}), hidden("sysctl", text_or_null(outcome.sysctl))});
}

Report changed_report(const Backlog& backlog) {
  return event("changed", {},
               {hidden("option", {}), hidden("name", {std::string("backlog")}),
                hidden("requested", {std::int64_t{backlog.asked}}), hidden("value", number_or_null(backlog.effective)),
                hidden("why", {describe_backlog(backlog)}), hidden("sysctl", {std::string("net.core.somaxconn")})});
}

std::string describe_backlog(const Backlog& backlog) {
  return fmt::format("net.core.somaxconn{} allows no more",
                     backlog.somaxconn ? fmt::format(" = {}", *backlog.somaxconn) : "");
}

Report received_report(const Endpoint& peer, std::string_view bytes) {
  return traffic_report("received", "from", peer, bytes);
}

Report sent_report(const Endpoint& peer, std::string_view bytes) {
  return traffic_report("sent", "to", peer, bytes);
}

Report closed_report(const ClosedConnection& connection, const Result<TcpInfo>* info) {
  const bool known = info != nullptr && info->has_value();
  const bool failed = info != nullptr && !info->has_value();
  return event("closed",
               fmt::format("closed {}: {} bytes received, {} bytes sent, {}, {}", shown(connection.peer),
                           connection.bytes_received, connection.bytes_sent, format_duration(connection.duration),
                           close_words(connection)),
               {hidden("peer", {connection.peer.text()}), hidden("bytes_received", {connection.bytes_received}),
                hidden("bytes_sent", {connection.bytes_sent}), hidden("duration_us", microseconds(connection.duration)),
                hidden("reason", {std::string(close_reason_name(connection.reason))}),
                hidden("error", message_or_null(connection.error)), hidden("code", code_or_null(connection.error)),
                hidden("tcp_info", known ? tcp_info_data(**info) : Data{}),
                hidden("tcp_info_reason", failed ? Data{"unreadable: " + info->error().code.message()} : Data{})});
}

Report paused_report(const Pause& pause) {
  return event("paused", {},
               {hidden("reason", {std::string(pause_reason(pause))}), hidden("open", {pause.open}),
                hidden("error", message_or_null(pause.error)), hidden("code", code_or_null(pause.error))});
}

Report resumed_report() {
  return event("resumed", {}, {});
}

Report health_report(const Health& health) {
  return event(
      "health", {},
      {hidden("accept_queue", number_or_null(waiting(health))), hidden("backlog", number_or_null(backlog(health))),
       hidden("overflows", number_or_null(health.overflows)), hidden("drops", number_or_null(health.drops)),
       hidden("own_drops", number_or_null(health.own_drops))});
}

Report finding_report(const FindingWatch::Found& found) {
  return event("finding", {}, {hidden("address", {found.address}), hidden("finding", finding_data(found.finding))});
}

std::string describe_found(const FindingWatch::Found& found) {
  return fmt::format("{}: {}. {} Remedy: {}", escape(found.address), finding_line(found.finding), found.finding.why,
                     found.finding.remedy);
}

Report draining_report(std::uint64_t open, Nanoseconds grace) {
  const auto grace_ms = std::chrono::duration_cast<std::chrono::milliseconds>(grace).count();
  return event("draining", {}, {hidden("open", {open}), hidden("grace_ms", {std::int64_t{grace_ms}})});
}

Report dropped_report(std::uint64_t lines) {
  return event("dropped", fmt::format("{} lines were dropped here: the reader of this log was too slow", lines),
               {hidden("lines", {lines})});
}

std::string describe_pause(const Pause& pause) {
  const std::string why = pause.error ? pause.error.message() : "no more are served at once (--max-connections)";
  return fmt::format("accepting pauses with {} connections open: {}; clients wait in the backlog", pause.open, why);
}

std::string describe_health(const Health& health) {
  const std::string queue =
      health.queue ? fmt::format("{} waiting, backlog {}", health.queue->waiting, health.queue->backlog) : "closed";
  if (health.own_drops && health.new_own_drops == 0) {
    return fmt::format("other listeners of this network namespace dropped {}; this server's accept queue: {}",
                       connections(health.new_drops), queue);
  }
  const std::uint64_t dropped = health.own_drops ? health.new_own_drops : health.new_drops;
  const std::string_view where = health.own_drops ? "" : " in this network namespace";
  if (health.new_overflows == 0) {
    return fmt::format("{} dropped{} since the last line, and not for a full accept queue ({})", connections(dropped),
                       where, queue);
  }
  return fmt::format(
      "accept queue full: {} dropped{} since the last line ({}; raise --backlog and net.core.somaxconn, or accept "
      "faster)",
      connections(dropped), where, queue);
}

std::string describe_draining(std::uint64_t open, Nanoseconds grace) {
  if (grace.count() == 0) return fmt::format("draining: {} open, ended now", connections(open));
  return fmt::format("draining: {} open, up to {}", connections(open), format_duration(grace));
}
