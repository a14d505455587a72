#include "serve_log.hpp"

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/report/connection.hpp>

#include "serve_report.hpp"
#include "service_manager.hpp"

using namespace tcpkit;

bool shows(const Console& console, int verbosity) {
  constexpr int kTraffic = 2;
  return console.verbosity() >= verbosity || (console.complete() && verbosity < kTraffic);
}

ServeLog::ServeLog(Console& console, const ServeOrder& order, ChangeWatch& changes, FindingWatch& findings,
                   HealthWatch health)
    : console_(console),
      order_(order),
      changes_(changes),
      findings_(findings),
      options_(order, console.all(), console.complete()),
      health_(std::move(health)) {}

void ServeLog::connected(int socket, const Endpoint& peer) {
  for (const Outcome& outcome : changes_.on_connection(socket)) {
    if (tell_outcome(outcome, console_)) changed_ = true;
  }
  if (shows(console_, 1)) console_.print(connected_report(local_endpoint(socket), peer, options_.read(socket)));
  for (const auto& found : findings_.on_connection(socket, peer)) tell_found(found, console_);
}

void ServeLog::setting_refused(const Error& error) {
  console_.warn(describe(error));
  const std::scoped_lock lock(mutex_);
  refused_ = error;
}

void ServeLog::received(const Endpoint& peer, std::string_view bytes) {
  console_.print(received_report(peer, bytes));
}

void ServeLog::sent(const Endpoint& peer, std::string_view bytes) {
  console_.print(sent_report(peer, bytes));
}

void ServeLog::closed(int socket, const ClosedConnection& connection) {
  if (!shows(console_, 1)) return;
  if (!console_.complete()) return console_.print(closed_report(connection, nullptr));
  const Result<TcpInfo> info = TcpInfo::read(socket);
  console_.print(closed_report(connection, &info));
}

void ServeLog::paused(const Pause& pause) {
  console_.warn(describe_pause(pause));
  console_.print(paused_report(pause));
}

void ServeLog::resumed() {
  console_.warn("accepting goes on");
  console_.print(resumed_report());
}

void ServeLog::ticked(const ServeTotals& totals) {
  if (const std::optional<Health> news = health_.look_for_news()) {
    console_.warn(describe_health(*news));
    console_.print(health_report(*news));
  }
  for (const auto& found : findings_.look()) tell_found(found, console_);
  show_progress(totals);
}

void ServeLog::show_progress(const ServeTotals& totals) {
  const auto now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - before_at_).count();
  const auto per_second = [&](std::uint64_t count) {
    return static_cast<std::uint64_t>(static_cast<double>(count) / seconds);
  };
  const std::uint64_t bytes = totals.bytes_received + totals.bytes_sent - before_.bytes_received - before_.bytes_sent;
  console_.progress(fmt::format("{} connections, {} requests/s, {}/s", totals.open,
                                per_second(totals.requests - before_.requests), format_bytes(per_second(bytes))));
  before_ = totals;
  before_at_ = now;
}

void ServeLog::draining(const ServeTotals& totals) {
  const std::string_view again = StopSignals::count() == 1 ? "; a second signal ends at once" : "";
  if (totals.open > 0) console_.warn(fmt::format("{}{}", describe_draining(totals.open, order_.plan.grace), again));
  if (auto told = tell_service_manager("STOPPING=1\nSTATUS=draining"); !told) console_.warn(describe(told.error()));
  console_.print(draining_report(totals.open, order_.plan.grace));
}

void ServeLog::summarize(const ServeSummary& summary) {
  const Health health = health_.look();
  console_.conclude(summary_report(summary, {console_.dropped(), health.overflows, health.drops}, findings_.all()));
}
