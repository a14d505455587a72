#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/base/units.hpp>
#include <tcpkit/net/reply.hpp>
#include <tcpkit/net/resolve.hpp>

/// One message and its reply, of any size: the reply is read and judged while the message is still being sent.
namespace tcpkit {

/// Where the bytes of a message come from.
class TCPKIT_API ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// What is polled for input before a read, or -1: it never keeps one waiting.
  [[nodiscard]] virtual int descriptor() const noexcept = 0;
  /// How many bytes were put into `room`, 0 at the end. EAGAIN: none yet.
  virtual Result<std::size_t> read(std::span<char> room) = 0;
};

/// Where the bytes of a reply go.
class TCPKIT_API ByteSink {
 public:
  virtual ~ByteSink() = default;
  /// What is polled for output before a write, or -1: it always takes all.
  [[nodiscard]] virtual int descriptor() const noexcept = 0;
  /// How many of the bytes it took, the first ones.
  virtual std::size_t write(std::string_view bytes) = 0;
};

/// How to send one message, and what to wait for. A plain value.
struct ExchangePlan {
  ReplyRule reply;
  bool half_close = false;             ///< end the own stream after the message; the reply is all until the peer's end
  Nanoseconds timeout{5'000'000'000};  ///< the longest silence: no byte moved in either direction
  Clock::time_point deadline = Clock::time_point::max();
  bool quickack_always = false;  ///< TCP_QUICKACK is set again after every read
  int stop = -1;                 ///< a descriptor that ends the exchange when it can be read, or -1
};

/// How an exchange ended.
enum class Verdict : std::uint8_t {
  Right,           ///< the reply is what it must be
  Differs,         ///< at `difference`
  Short,           ///< the peer ended its stream before the reply was complete
  Longer,          ///< more came than a reply
  Lost,            ///< the connection was reset, or the kernel gave it up: `error`
  TimedOut,        ///< silence for too long
  DeadlinePassed,  ///< while sending, waiting, or handing the reply on
  Stopped,         ///< by ExchangePlan::stop
  SourceFailed,    ///< the message could not be read: `error`
};

/// "right", "differs", "short", "longer", "lost", "timeout", "deadline", "interrupted", "unreadable".
[[nodiscard]] TCPKIT_API std::string_view verdict_name(Verdict verdict) noexcept;

/// The first byte of a reply that is not the expected one.
struct Difference {
  std::uint64_t offset = 0;
  char expected = 0;
  char got = 0;
};

/// What became of a message.
struct ExchangeResult {
  Verdict verdict = Verdict::Right;
  std::uint64_t bytes_sent = 0;           ///< taken by the kernel
  bool sent_whole = false;                ///< all of the message
  std::uint64_t bytes_received = 0;       ///< of the reply, and what came beyond it
  std::optional<std::uint64_t> expected;  ///< bytes of a right reply, where it is known
  std::optional<Difference> difference;
  std::optional<Error> error;
  Nanoseconds duration{0};  ///< from the first byte sent to the last one of the reply, or to the failure
};

/// The messages of one connection, one after the other. Blocks the calling thread.
class TCPKIT_API Conversation {
 public:
  /// `socket` is connected, does not block and outlives this.
  explicit Conversation(int socket);

  /// Sends what the source gives, hands what comes to the sink. A reply that was read in part is handed on in part.
  /// What comes after a reply to Until is left for the next one. After anything but Right and Stopped nothing is known
  /// of where in its stream the peer is. ReplyRule::Kind::None waits until the peer's kernel has acknowledged all
  /// bytes.
  ExchangeResult exchange(const ExchangePlan& plan, ByteSource& source, ByteSink& sink);

 private:
  int socket_;
  std::unique_ptr<char[]> room_;  // for what is on its way out, and on its way in
  std::string unread_;            // came after the end of the reply before
};

}  // namespace tcpkit
