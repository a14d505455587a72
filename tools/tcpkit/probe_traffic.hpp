#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <tcpkit/base/units.hpp>
#include <tcpkit/net/resolve.hpp>

/// How a connection that is watched ended, or the watching.
enum class WatchEnding : std::uint8_t {
  Done,         ///< as many looks as asked for
  Closed,       ///< the peer ended its stream
  Lost,         ///< reset, or given up by the kernel
  Differs,      ///< what came back was not what was sent
  Deadline,     ///< of the run
  Interrupted,  ///< by a signal
  Unread,       ///< nobody reads the output any more
};

struct WatchEnd {
  WatchEnding how = WatchEnding::Done;
  int errno_value = 0;  ///< why a connection was lost
};

/// What became of messages that a peer returns.
struct EchoNumbers {
  std::uint64_t messages = 0;  ///< sent, the one under way included
  std::uint64_t returned = 0;
  std::uint64_t outstanding_bytes = 0;        ///< of the one under way
  std::optional<tcpkit::Nanoseconds> last;    ///< how long the last one that came back took
  std::optional<tcpkit::Nanoseconds> waited;  ///< for the one under way; nothing: there is none
};

/// The bytes of a connection that is watched. What comes is read and dropped, as a client that takes all would, so that
/// no window closes. With an echo, messages are sent, one at a time, and what comes has to be what was sent.
class WatchTraffic {
 public:
  /// `socket` is connected, does not block and outlives this. Without a size nothing is ever sent.
  WatchTraffic(int socket, std::optional<std::uint64_t> echo_bytes);

  /// Sends the next message, unless one is under way. Nothing: the connection goes on.
  std::optional<WatchEnd> send_next(tcpkit::Clock::time_point now);
  /// Moves what can be moved without waiting.
  std::optional<WatchEnd> move();
  /// What to poll for.
  [[nodiscard]] short events() const;
  /// Nothing without an echo.
  [[nodiscard]] std::optional<EchoNumbers> echo(tcpkit::Clock::time_point now) const;

 private:
  std::optional<WatchEnd> write();
  std::optional<WatchEnd> read();
  void drop_notices();
  [[nodiscard]] bool take(std::uint64_t bytes);

  int socket_;
  std::optional<std::uint64_t> message_bytes_;
  std::unique_ptr<char[]> room_;
  std::uint64_t messages_ = 0;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t returned_bytes_ = 0;
  tcpkit::Clock::time_point begin_;  // of the message sent last
  std::optional<tcpkit::Nanoseconds> last_;
};
