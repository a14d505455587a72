#include "net/silence.hpp"

#include <algorithm>
#include <iterator>

#include "net/send_queue.hpp"

namespace tcpkit {

using Pace = Session::Pace;

Sessions& Silence::sessions(Pace pace) noexcept {
  return pace == Pace::Fresh ? fresh_ : pace == Pace::Quiet ? quiet_ : stuck_;
}

Session& Silence::add(os::Descriptor socket, const Endpoint& peer, Clock::time_point now) {
  Session& session = fresh_.emplace_back(std::move(socket), peer, now);
  session.self = std::prev(fresh_.end());
  return session;
}

void Silence::erase(Session& session) {
  sessions(session.pace).erase(session.self);
}

void Silence::list(Session& session, Pace pace, Clock::time_point now) {
  Sessions& to = sessions(pace);
  to.splice(to.end(), sessions(session.pace), session.self);
  session.pace = pace;
  session.listed = now;
}

void Silence::leave_fresh(Clock::time_point now) {
  while (!fresh_.empty() && now - fresh_.front().listed >= tick_) {
    Session& session = fresh_.front();
    const bool still_fresh = now - session.moved < tick_;
    session.unacked = still_fresh ? 0 : unacked(session.socket.get());
    const bool stuck = session.unacked > 0 || session.blocked;
    list(session, still_fresh ? Pace::Fresh : stuck ? Pace::Stuck : Pace::Quiet, now);
  }
}

void Silence::look_at_stuck(Clock::time_point now, const Cut& cut) {
  for (auto next = stuck_.begin(); next != stuck_.end();) {
    Session& session = *next++;
    const std::uint32_t left = unacked(session.socket.get());
    if (left < session.unacked) session.moved = now;
    session.unacked = left;
    if (left == 0 && !session.blocked) {
      list(session, Pace::Quiet, now);
    } else if (now - session.moved >= timeout_) {
      cut(session);
    }
  }
}

void Silence::cut_silent(Clock::time_point now, const Cut& cut) {
  if (timeout_ == Nanoseconds::zero()) return;
  leave_fresh(now);
  while (!quiet_.empty() && now - quiet_.front().moved >= timeout_) cut(quiet_.front());
  look_at_stuck(now, cut);
}

void Silence::forgive(Nanoseconds absence, Clock::time_point now) {
  for_each([&](Session& session) { session.moved = std::min(session.moved + absence, now); });
}

void Silence::for_each(const Cut& visit) {
  for (Sessions* list : {&fresh_, &quiet_, &stuck_}) {
    for (auto next = list->begin(); next != list->end();) visit(*next++);
  }
}

}  // namespace tcpkit
