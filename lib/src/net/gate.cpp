#include "net/gate.hpp"

#include <chrono>
#include <utility>

#include <sys/socket.h>

namespace tcpkit {

using std::chrono::seconds;

Gate::Gate(const PollSet& poll_set, std::vector<os::Descriptor> listeners, bool lent)
    : poll_set_(poll_set), lent_(lent) {
  entrances_.reserve(listeners.size());
  for (os::Descriptor& listener : listeners) entrances_.emplace_back(std::move(listener));
}

bool Gate::open() {
  shut_ = false;
  for (Entrance& entrance : entrances_) {
    if (!poll_set_.add(entrance.socket.get(), EPOLLIN, entrance)) return false;
  }
  return true;
}

void Gate::shut(const Pause& why, Clock::time_point now, ServeEvents& events) {
  if (shut_) return;
  shut_ = true;
  ++pauses_;
  for (const Entrance& entrance : entrances_) poll_set_.remove(entrance.socket.get());
  why_ = why;
  if (why.error) retry_at_ = now + seconds(1);
  tell_if_due(now, events);
}

void Gate::tell_if_due(Clock::time_point now, ServeEvents& events) {
  if (!shut_ || closed_ || told_ || now < tell_next_) return;
  tell_next_ = now + seconds(1);
  told_ = true;
  events.paused(why_);
}

void Gate::reopen(ServeEvents& events) {
  if (!shut_ || closed_) return;
  if (!open()) {  // no memory: shut again, and the next tick tries again
    for (const Entrance& entrance : entrances_) poll_set_.remove(entrance.socket.get());
    shut_ = true;
    return;
  }
  if (!why_.error) came(events);
}

void Gate::came(ServeEvents& events) {
  if (std::exchange(told_, false)) events.resumed();
}

/// shutdown(2) of a listener ends its listening (net/ipv4/af_inet.c, inet_shutdown).
void Gate::close() {
  for (const Entrance& entrance : entrances_) {
    if (!shut_) poll_set_.remove(entrance.socket.get());
    if (!lent_) ::shutdown(entrance.socket.get(), SHUT_RDWR);
  }
  shut_ = true;
  closed_ = true;
}

}  // namespace tcpkit
