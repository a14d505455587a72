#pragma once

#include <cstdint>
#include <list>

#include <tcpkit/net/resolve.hpp>
#include <tcpkit/net/server.hpp>
#include <tcpkit/sock/endpoint.hpp>

#include "net/byte_queue.hpp"
#include "net/poll_set.hpp"
#include "os/descriptor.hpp"

namespace tcpkit {

struct Session;
using Sessions = std::list<Session>;

/// One connection of a server. Small: tens of thousands of them idle at once.
struct Session : Watched {
  /// Where its bytes stand, which decides how it is watched for silence.
  enum class Pace : std::uint8_t {
    Fresh,  ///< moved a byte lately
    Quiet,  ///< nothing to send, nothing on its way
    Stuck,  ///< its client has yet to take bytes
  };

  Session(os::Descriptor descriptor, const Endpoint& from, Clock::time_point now)
      : Watched{Kind::Session}, socket(std::move(descriptor)), peer(from), started(now), moved(now), listed(now) {}

  os::Descriptor socket;
  Endpoint peer;
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
  ByteQueue held;  ///< received, and not sent back yet
  Clock::time_point started;
  Clock::time_point moved;    ///< when a byte last went either way
  Clock::time_point listed;   ///< when it was last put at the end of its list
  std::uint32_t unacked = 0;  ///< bytes in the kernel's send queue when last looked at
  Pace pace = Pace::Fresh;
  bool wants_room = false;       ///< watched for EPOLLOUT as well
  bool blocked = false;          ///< has bytes to send, and no room for them in the kernel's buffer
  bool finished = false;         ///< it had all it may have, and ends as soon as its client has taken it
  bool client_finished = false;  ///< the client sends no more, and may still read
  Sessions::iterator self;
};

/// How a connection goes on after its turn.
struct Turn {
  enum class Next : std::uint8_t {
    Wait,       ///< for the kernel to report it again
    WaitRoom,   ///< the same, and for room in its send buffer
    WaitTaken,  ///< for the client's kernel to have all that was sent, which nothing but a look tells
    Again,      ///< it had its share, and there may be more
    End,
  };
  Next next = Next::Wait;
  CloseReason reason = CloseReason::Client;
  int errno_value = 0;
};

}  // namespace tcpkit
