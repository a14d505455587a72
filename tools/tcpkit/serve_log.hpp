#pragma once

#include <mutex>
#include <optional>

#include <tcpkit/net/server.hpp>

#include "console.hpp"
#include "serve_changes.hpp"
#include "serve_findings.hpp"
#include "serve_health.hpp"
#include "serve_options.hpp"
#include "serve_plan.hpp"
#include "stop_signals.hpp"

/// Whether the console shows events that need so many -v; programs are shown all but the traffic without any.
[[nodiscard]] bool shows(const Console& console, int verbosity);

/// Writes what happens to the console, as far as it is wanted there.
class ServeLog final : public tcpkit::ServeEvents {
 public:
  ServeLog(Console& console, const ServeOrder& order, ChangeWatch& changes, FindingWatch& findings, HealthWatch health);

  void connected(int socket, const tcpkit::Endpoint& peer) override;
  void setting_refused(const tcpkit::Error& error) override;
  void received(const tcpkit::Endpoint& peer, std::string_view bytes) override;
  void sent(const tcpkit::Endpoint& peer, std::string_view bytes) override;
  void closed(int socket, const tcpkit::ClosedConnection& connection) override;
  void paused(const tcpkit::Pause& pause) override;
  void resumed() override;
  void ticked(const tcpkit::ServeTotals& totals) override;
  void draining(const tcpkit::ServeTotals& totals) override;

  /// The end. Called when nothing happens any more.
  void summarize(const tcpkit::ServeSummary& summary);
  /// Whether the kernel changed a setting on a connection.
  [[nodiscard]] bool changed() const { return changed_; }
  /// The setting that the kernel refused on a connection, if any.
  [[nodiscard]] const std::optional<tcpkit::Error>& refused() const { return refused_; }

 private:
  void show_progress(const tcpkit::ServeTotals& totals);

  Console& console_;
  const ServeOrder& order_;
  ChangeWatch& changes_;
  FindingWatch& findings_;
  ShownOptions options_;
  HealthWatch health_;          // used by ticked() and summarize() only, as what follows
  tcpkit::ServeTotals before_;  // at the tick before
  tcpkit::Clock::time_point before_at_ = tcpkit::Clock::now();
  std::atomic<bool> changed_ = false;
  std::mutex mutex_;
  std::optional<tcpkit::Error> refused_;
};
