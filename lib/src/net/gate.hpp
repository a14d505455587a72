#pragma once

#include <cstdint>
#include <vector>

#include <tcpkit/net/resolve.hpp>
#include <tcpkit/net/server.hpp>

#include "net/poll_set.hpp"
#include "os/descriptor.hpp"

namespace tcpkit {

/// The listeners of a worker: open, shut for a while, or gone. While it is shut clients wait in the backlog, and no
/// event reports them: a loop that went on trying at a limit would do nothing else.
class Gate {
 public:
  /// `lent` = they are copies of sockets that somebody else goes on with.
  Gate(const PollSet& poll_set, std::vector<os::Descriptor> listeners, bool lent);

  /// Begins to watch. False when the kernel has no memory for it.
  bool open();

  void shut(const Pause& why, Clock::time_point now, ServeEvents& events);
  /// Tells that it is shut, unless it was told within the last second: then a later call does.
  void tell_if_due(Clock::time_point now, ServeEvents& events);
  /// After a limit of this host nobody knows yet whether it helps: "resumed" is told when somebody came().
  void reopen(ServeEvents& events);
  void came(ServeEvents& events);

  /// Stops listening for good: who still waits in a backlog is reset, or waits on if the sockets are lent. The
  /// descriptors stay open, for others may be reading from them.
  void close();

  [[nodiscard]] bool is_shut() const noexcept { return shut_; }
  [[nodiscard]] bool is_closed() const noexcept { return closed_; }
  /// Whether the limit of this host that shut it may have passed by now.
  [[nodiscard]] bool may_try_again(Clock::time_point now) const noexcept { return now >= retry_at_; }
  [[nodiscard]] std::uint64_t pauses() const noexcept { return pauses_; }
  [[nodiscard]] int listener(std::size_t n) const noexcept { return entrances_[n].socket.get(); }

  struct Entrance : Watched {
    explicit Entrance(os::Descriptor descriptor) : Watched{Kind::Listener}, socket(std::move(descriptor)) {}
    os::Descriptor socket;
  };

 private:
  const PollSet& poll_set_;
  std::vector<Entrance> entrances_;
  bool lent_;
  bool shut_ = true;
  bool closed_ = false;
  bool told_ = false;
  Pause why_;
  std::uint64_t pauses_ = 0;
  Clock::time_point tell_next_;
  Clock::time_point retry_at_;
};

}  // namespace tcpkit
