#include "probe_screen.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

#include "console.hpp"
#include "wall_clock.hpp"

using namespace tcpkit;

namespace {

constexpr std::size_t kMostRemembered = 1000;  // looks: more than a line of any terminal has columns

constexpr std::string_view kHome = "\033[H";                 // ECMA-48 CUP
constexpr std::string_view kHomeAndErase = "\033[H\033[2J";  // ED
constexpr std::string_view kEraseToEndOfLine = "\033[K";     // EL
constexpr std::string_view kEraseBelow = "\033[J";

/// With the head they fill a terminal of 24 lines.
constexpr std::array<std::string_view, 18> kUsual = {
    "rtt",       "rttvar",        "min_rtt",        "snd_cwnd",    "snd_ssthresh",   "unacked",
    "lost",      "total_retrans", "delivery_rate",  "pacing_rate", "bytes_acked",    "bytes_received",
    "busy_time", "rwnd_limited",  "sndbuf_limited", "probes",      "last_data_recv", "last_ack_recv"};

std::string state_text(const Look& look) {
  std::string text;
  for (const std::string_view name : {"state", "ca_state"}) {
    const TcpInfoField& field = tcp_info_field(name);
    const auto number = number_in(look, field);
    text += fmt::format("{}{}", text.empty() ? "" : ", ", number ? format_value(field, *number) : "-");
  }
  return text;
}

std::string congestion_text(const Snapshot& snapshot) {
  const OptionReading& congestion = reading(snapshot, "TCP_CONGESTION");
  return congestion.value ? format_value(*congestion.option, *congestion.value) : "-";
}

std::string echo_text(const ProbePlan& plan, const EchoNumbers& echo) {
  const std::string text = fmt::format("echo of {}: {} of {} came back", format_bytes(plan.echo_bytes.value_or(0)),
                                       echo.returned, echo.messages);
  if (echo.waited) return fmt::format("{}, one is out for {}", text, format_duration(*echo.waited));
  return echo.last ? fmt::format("{}, the last one in {}", text, format_duration(*echo.last)) : text;
}

/// Without data all that is measured was measured in the handshake.
std::string idle_text(const Look& look) {
  for (const std::string_view name : {"data_segs_in", "data_segs_out"}) {
    if (number_in(look, tcp_info_field(name)).value_or(1) > 0) return "";
  }
  return "no data has moved: rtt and cwnd are those of the handshake";
}

void remember(FrameRow& row, const WatchSample& sample) {
  Shown now = shown(*row.field, sample.before, sample.now);
  row.text = std::move(now.text);
  if (row.field->kind != FieldKind::Number) return;
  if (row.series.size() == kMostRemembered) row.series.erase(row.series.begin());
  row.series.push_back(now.number);
}

}  // namespace

WatchScreen::WatchScreen(const ProbePlan& plan, const ConnectionFacts& facts, Console& console)
    : plan_(plan), facts_(facts), console_(console) {
  const auto add = [&](const TcpInfoField& field) { rows_.push_back({.field = &field, .text = ""}); };
  if (plan.view.only) {
    for (const TcpInfoField* field : plan.view.only->fields) add(*field);
  } else {
    for (const std::string_view name : kUsual) add(tcp_info_field(name));
  }
}

std::vector<std::string> WatchScreen::head(const WatchSample& sample) const {
  const std::string peer = facts_.snapshot.peer.text();
  const std::string target = plan_.target ? escape(plan_.target_text) : "tcpkit's own echo peer";
  return {target == peer ? fmt::format("{} from {}", peer, facts_.snapshot.local.text())
                         : fmt::format("{}: {} from {}", target, peer, facts_.snapshot.local.text()),
          fmt::format("{}, {}: {}, {}", time_of_day(), format_duration(sample.elapsed),
                      sample.now.info ? state_text(sample.now) : sample.now.reason, congestion_text(facts_.snapshot)),
          sample.echo ? echo_text(plan_, *sample.echo) : idle_text(sample.now)};
}

void WatchScreen::show(const WatchSample& sample) {
  head_ = head(sample);
  for (FrameRow& row : rows_) remember(row, sample);
  if (std::exchange(drawn_, true)) return draw(kHome);
  // What the terminal shows now scrolls out of sight, and stays where it can be scrolled back to.
  draw(std::string(window_now().lines - 1, '\n') + std::string(kHome));
}

void WatchScreen::redraw() {
  if (drawn_) draw(kHomeAndErase);
}

void WatchScreen::end() {
  if (drawn_ && in_foreground()) console_.draw(fmt::format("\r{}", kEraseToEndOfLine));  // what ^C was echoed as
}

void WatchScreen::draw(std::string_view begin) {
  if (!in_foreground()) return;
  std::string frame(begin);
  for (const std::string& line : frame_lines(head_, rows_, window_now(), terminal_glyphs())) {
    frame += line;
    frame += kEraseToEndOfLine;
    frame += '\n';
  }
  console_.draw(frame += kEraseBelow);
}
