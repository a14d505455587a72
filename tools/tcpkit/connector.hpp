#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tcpkit/base/result.hpp>
#include <tcpkit/base/units.hpp>
#include <tcpkit/net/connect.hpp>
#include <tcpkit/net/resolve.hpp>
#include <tcpkit/net/target.hpp>

/// So long after now, or never; never beyond what the clock can tell.
[[nodiscard]] tcpkit::Clock::time_point after(std::optional<tcpkit::Nanoseconds> time);

/// Pauses without passing `until`.
void pause(tcpkit::Nanoseconds time, tcpkit::Clock::time_point until);

/// What a run says that was cut by its deadline while it waited for somebody to answer.
[[nodiscard]] tcpkit::Error deadline_passed(const tcpkit::Error& last);

/// Whether trying again may help: somebody may still start to listen, or a name server to answer.
[[nodiscard]] bool may_pass(const tcpkit::Error& error);

/// Whom to connect to, and how patiently.
struct ConnectOrder {
  tcpkit::Target target;
  tcpkit::Families families = tcpkit::Families::Both;
  tcpkit::ConnectPlan connect;              ///< its deadline is that of the whole run
  std::optional<tcpkit::Nanoseconds> wait;  ///< from the Connector's making: keep trying this long
};

/// Finds the addresses of a target once and opens what is to be opened there, as often as asked.
class Connector {
 public:
  /// Told when a name was looked up.
  using Resolved = std::function<void(const std::string& host, std::span<const tcpkit::Endpoint> addresses)>;
  using Attempts = std::vector<tcpkit::Attempt>;

  Connector(ConnectOrder order, Resolved resolved);
  /// For a peer whose address is known already.
  Connector(ConnectOrder order, const tcpkit::Endpoint& peer);

  /// `attempts` are those of this connect alone.
  [[nodiscard]] tcpkit::Result<tcpkit::Connection> connect_once(Attempts& attempts);
  /// The same, again and again until --wait is over.
  [[nodiscard]] tcpkit::Result<tcpkit::Connection> connect_waiting(Attempts& attempts);

  /// As connect_waiting(), for what connects by itself: `open(addresses, connect, attempts)` returns a Result. The
  /// deadline of `connect` is that of the waiting, or of the run without --wait.
  template <class Open>
  [[nodiscard]] auto open_waiting(Open open, Attempts& attempts) {
    constexpr std::chrono::milliseconds kRetryPause{100};
    tcpkit::ConnectPlan connect = order_.connect;
    if (order_.wait) connect.deadline = std::min(wait_until_, connect.deadline);
    for (;;) {
      auto opened = open_once(open, connect, attempts);
      if (opened || !order_.wait || !may_pass(opened.error())) return opened;
      pause(kRetryPause, connect.deadline);
      if (tcpkit::Clock::now() >= order_.connect.deadline) return decltype(opened)(deadline_passed(opened.error()));
      if (tcpkit::Clock::now() >= connect.deadline) return opened;
    }
  }

  /// How long the name took; nothing: there was none to look up.
  [[nodiscard]] std::optional<tcpkit::Nanoseconds> resolve_time() const { return resolve_time_; }

 private:
  template <class Open>
  auto open_once(Open& open, const tcpkit::ConnectPlan& connect, Attempts& attempts)
      -> decltype(open(std::span<const tcpkit::Endpoint>(), connect, attempts)) {
    if (tcpkit::Result<void> found = find_addresses(connect); !found) return found.error();
    attempts.clear();
    return open(std::span<const tcpkit::Endpoint>(addresses_), connect, attempts);
  }
  tcpkit::Result<void> find_addresses(const tcpkit::ConnectPlan& connect);

  ConnectOrder order_;
  Resolved resolved_;
  tcpkit::Clock::time_point wait_until_;
  std::vector<tcpkit::Endpoint> addresses_;
  std::optional<tcpkit::Nanoseconds> resolve_time_;
};
