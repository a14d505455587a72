#include <tcpkit/net/exchange.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

#include "net/byte_queue.hpp"
#include "net/exchange_reply.hpp"
#include "net/quickack.hpp"
#include "net/send_queue.hpp"

namespace tcpkit {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kChunkBytes = 128U << 10;
constexpr std::size_t kMostWaiting = 1U << 20;  // bytes of a reply that its sink has not taken: then no more is read
constexpr milliseconds kAckPause{2};            // no event tells of an acknowledgement

bool is_passing(int errno_value) {
  return errno_value == EAGAIN || errno_value == EWOULDBLOCK || errno_value == EINTR;
}

/// One message on its way out, one reply on its way in.
class Exchange {
 public:
  Exchange(int socket, const ExchangePlan& plan, ByteSource& source, ByteSink& sink, std::span<char> room,
           std::string& unread)
      : socket_(socket),
        plan_(plan),
        source_(source),
        sink_(sink),
        unread_(unread),
        reply_(plan.reply, plan.half_close),
        out_room_(room.first(kChunkBytes)),
        in_room_(room.last(kChunkBytes)) {}

  ExchangeResult run() {
    accept(std::exchange(unread_, {}));
    for (;;) {
      if (!verdict_) settle();
      if (verdict_ && (undelivered_.empty() || *verdict_ == Verdict::Stopped)) break;
      if (Clock::now() >= plan_.deadline) {
        end(Verdict::DeadlinePassed);
        break;
      }
      take_turn();
    }
    while (can_deliver()) deliver();
    return result();
  }

 private:
  enum Place : std::size_t { kStop, kSocket, kSource, kSink, kPlaces };
  using PollSet = std::array<pollfd, kPlaces>;

  void take_turn() {
    PollSet set = watched();
    const auto until = silence_ends();
    const int ready = wait(set, next_time(until));
    if (ready == 0 && Clock::now() >= until) return time_out();
    if (set[kStop].revents != 0) return end(Verdict::Stopped);
    if (set[kSink].revents != 0) deliver();
    if (verdict_) return;
    if (set[kSocket].revents != 0) serve_socket(set[kSocket].revents);
    if (set[kSource].revents != 0 || source_is_ready()) read_source();
  }

  /// Unless it is acknowledged or complete by now.
  void time_out() {
    settle();
    if (!verdict_ && Clock::now() >= silence_ends()) end(Verdict::TimedOut);
  }

  [[nodiscard]] PollSet watched() const {
    PollSet set{};
    for (pollfd& place : set) place.fd = -1;
    set[kStop] = {plan_.stop, POLLIN, 0};
    if (!undelivered_.empty()) set[kSink] = {sink_.descriptor(), POLLOUT, 0};
    if (verdict_) return set;
    if (wants_more()) set[kSource] = {source_.descriptor(), POLLIN, 0};
    const int events = (may_receive() ? POLLIN : 0) | (out_.empty() ? 0 : POLLOUT);
    const bool watched = events != 0 || !reads();
    if (watched) set[kSocket] = {socket_, static_cast<short>(events), 0};
    return set;
  }

  [[nodiscard]] int wait(PollSet& set, Clock::time_point until) const {
    const Nanoseconds left = std::max(until - Clock::now(), Nanoseconds::zero());
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(left);
    const timespec timeout = {static_cast<time_t>(whole.count()), static_cast<long>((left - whole).count())};
    const int ready = ::ppoll(set.data(), set.size(), source_is_ready() ? &kAtOnce : &timeout, nullptr);
    if (ready < 0) {
      for (pollfd& place : set) place.revents = 0;  // a signal: they hold nothing
    }
    return ready;
  }

  /// Bytes are awaited while some wait for the peer's window, and once all are sent. Who is slow to give the message or
  /// to take the reply is not the peer.
  [[nodiscard]] Clock::time_point silence_ends() const {
    const bool awaited = !verdict_ && (!out_.empty() || sending_over_) && undelivered_.view().size() < kMostWaiting;
    if (!awaited || plan_.timeout > Clock::time_point::max() - last_moved_) return Clock::time_point::max();
    return last_moved_ + plan_.timeout;
  }

  [[nodiscard]] Clock::time_point next_time(Clock::time_point silence) const {
    const auto next = std::min(silence, plan_.deadline);
    return !reads() && sending_over_ && !verdict_ ? std::min(next, Clock::now() + kAckPause) : next;
  }

  [[nodiscard]] bool reads() const { return plan_.reply.kind != ReplyRule::Kind::None || plan_.half_close; }
  [[nodiscard]] bool wants_more() const { return !sending_over_ && !source_ended_ && out_.empty(); }
  [[nodiscard]] bool source_is_ready() const { return !verdict_ && wants_more() && source_.descriptor() < 0; }
  [[nodiscard]] bool may_receive() const {
    return reads() && !peer_ended_ && undelivered_.view().size() < kMostWaiting && unread_.size() < kMostWaiting;
  }

  void read_source() {
    Result<std::size_t> got = source_.read(out_room_);
    if (!got && got.error().code == std::errc::resource_unavailable_try_again) return;
    if (!got) return fail(Verdict::SourceFailed, got.error());
    if (sent_ == 0) begin_ = Clock::now();
    last_moved_ = Clock::now();
    out_ = {out_room_.data(), *got};
    source_ended_ = *got == 0;
    source_ended_ ? finish_sending() : send();
  }

  void serve_socket(short events) {
    if (!reads() && (events & (POLLERR | POLLHUP)) != 0) return lose(pending_error());
    if ((events & POLLOUT) != 0 && !out_.empty()) send();
    if ((events & (POLLIN | POLLERR | POLLHUP)) != 0 && may_receive()) receive();
  }

  void send() {
    const ssize_t sent = ::send(socket_, out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return is_passing(errno) ? void() : lose(errno);
    const auto count = static_cast<std::size_t>(sent);
    reply_.sent(out_.substr(0, count));
    out_.remove_prefix(count);
    sent_ += count;
    last_moved_ = Clock::now();
  }

  void finish_sending() {
    sending_over_ = true;
    sent_whole_ = true;
    reply_.all_sent();
    if (plan_.half_close) ::shutdown(socket_, SHUT_WR);
    unacked_ = unacked(socket_);
  }

  /// What the peer sent before it went away may still be there to be read.
  void lose(int errno_value) {
    if (errno_ == 0) errno_ = errno_value;
    sending_over_ = true;
    out_ = {};
    peer_ended_ = peer_ended_ || !reads();
  }

  int pending_error() const {
    int error = 0;
    socklen_t length = sizeof(error);
    ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &length);
    return error != 0 ? error : EPIPE;
  }

  void receive() {
    const ssize_t got = ::recv(socket_, in_room_.data(), in_room_.size(), MSG_DONTWAIT);
    if (got < 0 && is_passing(errno)) return;
    if (got < 0) lose(errno);
    if (got <= 0) {
      peer_ended_ = true;
      return;
    }
    last_moved_ = Clock::now();
    if (plan_.quickack_always) rearm_quickack(socket_);
    accept({in_room_.data(), static_cast<std::size_t>(got)});
  }

  void accept(std::string_view bytes) {
    const std::size_t taken = reply_.take(bytes);
    unread_ += bytes.substr(taken);
    if (taken == 0) return;
    if (sink_.descriptor() >= 0) {
      undelivered_.push(bytes.substr(0, taken));
    } else {
      sink_.write(bytes.substr(0, taken));
    }
  }

  [[nodiscard]] bool can_deliver() const {
    pollfd sink = {sink_.descriptor(), POLLOUT, 0};
    return !undelivered_.empty() && ::poll(&sink, 1, 0) > 0;
  }

  void deliver() {
    if (undelivered_.view().size() >= kMostWaiting) last_moved_ = Clock::now();  // until now nothing was awaited
    undelivered_.pop(sink_.write(undelivered_.view()));
  }

  void settle() {
    if (reply_.difference()) return end(Verdict::Differs);
    if (reply_.longer()) return end(Verdict::Longer);
    if (peer_ended_) return settle_at_end();
    if (!sending_over_ || plan_.half_close) return;
    if (!reads()) return settle_acknowledged();
    if (!reply_.complete()) return;
    if (plan_.reply.kind != ReplyRule::Kind::Until) receive();  // has more come with it?
    end(reply_.longer() ? Verdict::Longer : Verdict::Right);
  }

  /// A reply that is right counts although the peer went away before the message was whole; a stream that was reset has
  /// no end.
  void settle_at_end() {
    const bool right = reply_.complete() && reads() && !(plan_.half_close && errno_ != 0);
    if (right && !sending_over_) return;
    if (right) return end(Verdict::Right);
    if (errno_ == 0) return end(Verdict::Short);
    fail(Verdict::Lost, system_error(errno_, "exchange bytes"));
  }

  void settle_acknowledged() {
    const std::uint32_t before = std::exchange(unacked_, unacked(socket_));
    if (unacked_ < before) last_moved_ = Clock::now();
    if (unacked_ == 0) end(Verdict::Right);
  }

  void end(Verdict verdict) {
    if (!verdict_) ended_ = Clock::now();
    verdict_ = verdict;
  }

  void fail(Verdict verdict, Error error) {
    error_ = std::move(error);
    end(verdict);
  }

  [[nodiscard]] ExchangeResult result() const {
    ExchangeResult result;
    result.verdict = *verdict_;
    result.bytes_sent = sent_;
    result.sent_whole = sent_whole_;
    result.bytes_received = reply_.received();
    result.expected = reply_.expected();
    result.difference = reply_.difference();
    result.error = error_;
    result.duration = ended_ - begin_;
    return result;
  }

  static constexpr timespec kAtOnce = {0, 0};

  int socket_;
  const ExchangePlan& plan_;
  ByteSource& source_;
  ByteSink& sink_;
  std::string& unread_;
  ExchangeReply reply_;
  std::span<char> out_room_;
  std::span<char> in_room_;
  std::string_view out_;  // read from the source, not sent yet
  bool source_ended_ = false;
  bool sending_over_ = false;
  bool sent_whole_ = false;
  bool peer_ended_ = false;
  int errno_ = 0;  // of the connection
  std::uint64_t sent_ = 0;
  std::uint32_t unacked_ = 0;
  ByteQueue undelivered_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_moved_ = begin_;
  Clock::time_point ended_ = begin_;
  std::optional<Verdict> verdict_;
  std::optional<Error> error_;
};

}  // namespace

std::string_view verdict_name(Verdict verdict) noexcept {
  constexpr std::array<std::string_view, 9> kNames = {"right",   "differs",  "short",       "longer",    "lost",
                                                      "timeout", "deadline", "interrupted", "unreadable"};
  return kNames[static_cast<std::size_t>(verdict)];
}

Conversation::Conversation(int socket)
    : socket_(socket), room_(std::make_unique_for_overwrite<char[]>(2 * kChunkBytes)) {}

ExchangeResult Conversation::exchange(const ExchangePlan& plan, ByteSource& source, ByteSink& sink) {
  return Exchange(socket_, plan, source, sink, {room_.get(), 2 * kChunkBytes}, unread_).run();
}

}  // namespace tcpkit
