#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <tcpkit/net/resolve.hpp>

#include "net/poll_set.hpp"
#include "net/reply_matcher.hpp"
#include "net/send_queue.hpp"
#include "os/descriptor.hpp"

namespace tcpkit {

/// One connection of a load, and the request it has under way.
struct Flow : Watched {
  enum class Stage : std::uint8_t {
    Closed,      ///< to be opened with the next request
    Connecting,  ///< with a request to be sent as soon as it is connected, or without
    Free,
    Busy,     ///< a request is under way; streams always are
    Resting,  ///< the last connect failed: the next one a little later
    Done,     ///< for good
  };

  Flow(const ReplyRule& rule, std::string_view request) : Watched{Kind::Session}, matcher(rule, request) {}

  os::Descriptor socket;
  ReplyMatcher matcher;
  std::uint64_t unsent = 0;    ///< bytes of the request under way
  std::uint64_t written = 0;   ///< by a stream: bytes the kernel took
  std::uint64_t dropped = 0;   ///< by a stream: bytes received
  std::uint64_t progress = 0;  ///< of a stream, when last looked at
  std::uint64_t number = 0;    ///< tells this connection from all others of the run
  Clock::time_point connect_begin;
  Clock::time_point opened;
  Clock::time_point intended;      ///< scheduled begin of the request under way
  Clock::time_point begin;         ///< its actual begin
  Clock::time_point patient_from;  ///< the timeout counts from here
  Clock::time_point free_since;
  Stage stage = Stage::Closed;
  bool has_request = false;  ///< begun, and neither completed nor failed
  bool measured = false;     ///< of the request under way: it began after the warm-up
  bool answered = false;     ///< a reply came since it was opened: worth opening anew
  bool is_open = false;      ///< its handshake is done
  bool watched = false;
  bool watches_room = false;    ///< watched for EPOLLOUT as well
  bool buffer_is_full = false;  ///< of a stream: it has more to send than the kernel takes
  bool in_pieces = false;       ///< the reply under way came in several reads
  bool ended = false;           ///< the server has ended or reset it: what came before may still be read
  bool runnable = false;        ///< it had its share, and there may be more
};

/// By a stream: bytes that the peer's kernel has.
inline std::uint64_t acknowledged_by(const Flow& flow) {
  const std::uint64_t waiting = flow.written > 0 ? unacked(flow.socket.get()) : 0;
  return flow.written - std::min(flow.written, waiting);
}

}  // namespace tcpkit
