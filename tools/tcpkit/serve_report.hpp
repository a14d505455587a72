#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <tcpkit/base/result.hpp>
#include <tcpkit/net/server.hpp>
#include <tcpkit/report/report.hpp>
#include <tcpkit/sock/listen_queue.hpp>
#include <tcpkit/sock/tcp_info.hpp>

#include "passed_sockets.hpp"
#include "serve_findings.hpp"
#include "serve_health.hpp"
#include "serve_options.hpp"

/// What a server tells, an event each, schema tcpkit.serve/1: one line of text, or none where people are told on
/// standard error; one object for programs.

/// How many connections may wait for a listener, and what decided it; nothing = could not be read.
struct Backlog {
  int asked = 0;
  std::optional<std::uint64_t> effective;
  std::optional<std::int64_t> somaxconn;        ///< net.core.somaxconn
  std::optional<std::int64_t> max_syn_backlog;  ///< net.ipv4.tcp_max_syn_backlog
};

/// `passed` is nullptr where the server bound it itself.
[[nodiscard]] tcpkit::Report listening_report(const tcpkit::Endpoint& address, const Backlog& backlog,
                                              const PassedSocket* passed);
[[nodiscard]] tcpkit::Report connected_report(const tcpkit::Endpoint& local, const tcpkit::Endpoint& peer,
                                              std::span<const ShownOption> options);
/// For programs only: what the kernel changed. People get describe_outcome(), or describe_backlog().
[[nodiscard]] tcpkit::Report changed_report(const tcpkit::Outcome& outcome);
[[nodiscard]] tcpkit::Report changed_report(const Backlog& backlog);
[[nodiscard]] std::string describe_backlog(const Backlog& backlog);
[[nodiscard]] tcpkit::Report received_report(const tcpkit::Endpoint& peer, std::string_view bytes);
[[nodiscard]] tcpkit::Report sent_report(const tcpkit::Endpoint& peer, std::string_view bytes);
/// `info` is nullptr where nobody will look at it.
[[nodiscard]] tcpkit::Report closed_report(const tcpkit::ClosedConnection& connection,
                                           const tcpkit::Result<tcpkit::TcpInfo>* info);
[[nodiscard]] tcpkit::Report paused_report(const tcpkit::Pause& pause);
[[nodiscard]] tcpkit::Report resumed_report();
[[nodiscard]] tcpkit::Report health_report(const Health& health);
/// For programs only; people get describe_found().
[[nodiscard]] tcpkit::Report finding_report(const FindingWatch::Found& found);
[[nodiscard]] tcpkit::Report draining_report(std::uint64_t open, tcpkit::Nanoseconds grace);
[[nodiscard]] tcpkit::Report dropped_report(std::uint64_t lines);

/// What the log itself and the listeners' network namespace lost.
struct Losses {
  std::uint64_t log_lines = 0;
  std::optional<std::uint64_t> overflows;  ///< ListenOverflows since the start
  std::optional<std::uint64_t> drops;      ///< ListenDrops since the start
};

[[nodiscard]] tcpkit::Report summary_report(const tcpkit::ServeSummary& summary, const Losses& losses,
                                            std::span<const FindingWatch::Found> findings);

/// The lines for standard error.
[[nodiscard]] std::string describe_pause(const tcpkit::Pause& pause);
[[nodiscard]] std::string describe_health(const Health& health);
[[nodiscard]] std::string describe_found(const FindingWatch::Found& found);
[[nodiscard]] std::string describe_draining(std::uint64_t open, tcpkit::Nanoseconds grace);
