#pragma once

#include <cstddef>
#include <functional>

#include "net/session.hpp"

namespace tcpkit {

/// The connections of a worker, and how long each has moved no byte. One list a pace instead of a timer a connection: a
/// byte costs two stores, and a tick looks only at those that may have become silent, and at those whose client is slow
/// to take bytes, for there the kernel's queue tells what moved.
class Silence {
 public:
  using Cut = std::function<void(Session&)>;  ///< ends the connection, through erase()

  /// `timeout` 0: no connection is ever cut.
  Silence(Nanoseconds timeout, Nanoseconds tick) : timeout_(timeout), tick_(tick) {}

  Session& add(os::Descriptor socket, const Endpoint& peer, Clock::time_point now);
  void erase(Session& session);

  [[nodiscard]] std::size_t size() const noexcept { return fresh_.size() + quiet_.size() + stuck_.size(); }

  /// A byte went either way.
  void moved(Session& session, Clock::time_point now) {
    session.moved = now;
    if (session.pace != Session::Pace::Fresh) list(session, Session::Pace::Fresh, now);
  }

  /// To be called every tick.
  void cut_silent(Clock::time_point now, const Cut& cut);

  /// The server did not run for so long (SIGSTOP, a suspended host): what came and went meanwhile is not known yet, so
  /// the time counts as nobody's silence.
  void forgive(Nanoseconds absence, Clock::time_point now);

  /// Calls `visit` for every connection; it may erase the one it is called for.
  void for_each(const Cut& visit);

 private:
  void list(Session& session, Session::Pace pace, Clock::time_point now);
  void leave_fresh(Clock::time_point now);
  void look_at_stuck(Clock::time_point now, const Cut& cut);

  Sessions& sessions(Session::Pace pace) noexcept;

  Nanoseconds timeout_;
  Nanoseconds tick_;
  Sessions fresh_;  // by `listed`
  Sessions quiet_;  // by `moved`, within a tick
  Sessions stuck_;
};

}  // namespace tcpkit
