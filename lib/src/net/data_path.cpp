#include "net/data_path.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <sys/epoll.h>
#include <sys/socket.h>

#include "net/quickack.hpp"
#include "net/send_queue.hpp"

namespace tcpkit {
namespace {

using Next = Turn::Next;

/// asyncio reads as much at once, and 64 KiB messages fit with room to see that they were all.
constexpr std::size_t kReadBytes = std::size_t{256} * 1024;
constexpr int kReadsPerTurn = 4;
constexpr std::uint32_t kInput = EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLET;

constexpr std::size_t kLineBytes = 74;  // RFC 864: 72 characters, CR, LF
constexpr int kCharacters = '~' - ' ' + 1;
constexpr std::size_t kPatternBytes = kLineBytes * kCharacters;  // then it begins again

/// RFC 864's rotating lines, so often that kReadBytes of them can start anywhere in the first pattern.
std::vector<char> make_pattern() {
  std::vector<char> pattern;
  pattern.reserve(kReadBytes + 2 * kPatternBytes);
  while (pattern.size() < kReadBytes + kPatternBytes) {
    for (int line = 0; line < kCharacters; ++line) {
      for (int column = 0; column < 72; ++column)
        pattern.push_back(static_cast<char>(' ' + (line + column) % kCharacters));
      pattern.insert(pattern.end(), {'\r', '\n'});
    }
  }
  return pattern;
}

Turn end(CloseReason reason) {
  return {Next::End, reason, 0};
}

bool would_block(int errno_value) {
  return errno_value == EAGAIN || errno_value == EWOULDBLOCK;
}

/// What the network or the client did; anything else is this host's own trouble.
Turn lost(int errno_value) {
  constexpr std::array kOutside = {ECONNRESET, EPIPE,     ETIMEDOUT, EHOSTUNREACH, ENETUNREACH,
                                   ENETDOWN,   EHOSTDOWN, ENOTCONN,  ECONNABORTED, EPROTO};
  const bool outside = std::ranges::find(kOutside, errno_value) != kOutside.end();
  return {Next::End, outside ? CloseReason::Reset : CloseReason::Failed, errno_value};
}

/// A short read took all there was, unless the end of the stream or urgent data, where a read stops, was reported
/// along with it: of those epoll's edge tells once.
bool drained(std::size_t got, std::size_t room, std::uint32_t ready) {
  return got < room && (ready & (EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI)) == 0;
}

}  // namespace

DataPath::DataPath(const ServePlan& plan, ServeEvents& events, Traffic& traffic)
    : plan_(plan),
      events_(events),
      traffic_(traffic),
      rearm_quickack_(asks_for_quickack_always(plan.settings)),
      buffer_(std::make_unique_for_overwrite<char[]>(kReadBytes)),  // untouched pages cost nothing
      pattern_(plan.service == Service::Source ? make_pattern() : std::vector<char>()) {}

std::uint32_t DataPath::interest() const noexcept {
  return plan_.service == Service::Source ? kInput | EPOLLOUT : kInput;
}

Turn DataPath::take_turn(Session& session, std::uint32_t ready) {
  switch (plan_.service) {
    case Service::Echo:
      if (session.finished) return finish(session);
      return plan_.one_shot_bytes != 0 ? answer_once(session) : echo(session, ready);
    case Service::Discard:
      return discard(session, ready);
    case Service::Source:
      return session.finished ? await_end(session, ready) : source(session, ready);
  }
  return end(CloseReason::Failed);
}

Turn DataPath::echo(Session& session, std::uint32_t ready) {
  if (due(session) > 0) {
    if (const Turn turn = flush(session, due(session)); turn.next != Next::Wait) return turn;
  }
  if (session.client_finished) return end(CloseReason::Client);
  for (int reads = 0; reads < kReadsPerTurn; ++reads) {
    const std::size_t room = std::min<std::uint64_t>(allowance(session.received), kReadBytes);
    if (room == 0) return finish(session);
    const ssize_t got = receive(session, room);
    if (got == 0) return answer_rest(session);
    if (got < 0) return would_block(errno) ? Turn{} : lost(errno);
    const std::string_view bytes(buffer_.get(), static_cast<std::size_t>(got));
    if (const Turn turn = answer(session, bytes); turn.next != Next::Wait) return turn;
    if (allowance(session.received) == 0) return finish(session);
    if (drained(bytes.size(), room, ready)) return {};
  }
  return {Next::Again};
}

/// Nothing held back: straight from the buffer. What the kernel does not take, or does not make up a request yet,
/// is kept with the session.
Turn DataPath::answer(Session& session, std::string_view bytes) {
  if (!session.held.empty()) {
    session.held.push(bytes);
    return flush(session, due(session));
  }
  const std::string_view answer = bytes.substr(0, due(session));
  const ssize_t sent = answer.empty() ? 0 : send(session, answer);
  if (sent < 0) return lost(errno);
  const auto taken = static_cast<std::size_t>(sent);
  if (taken < bytes.size()) session.held.push(bytes.substr(taken));
  return {taken < answer.size() ? Next::WaitRoom : Next::Wait};
}

/// The client ends its stream: what it sent of a last, incomplete request goes back as well, for nothing may be lost.
Turn DataPath::answer_rest(Session& session) {
  session.client_finished = true;
  const Turn turn = flush(session, due(session));
  return turn.next == Next::Wait ? end(CloseReason::Client) : turn;
}

Turn DataPath::flush(Session& session, std::size_t count) {
  const std::string_view answer = session.held.view().substr(0, count);
  const ssize_t sent = answer.empty() ? 0 : send(session, answer);
  if (sent < 0) return lost(errno);
  session.held.pop(static_cast<std::size_t>(sent));
  return {static_cast<std::size_t>(sent) < answer.size() ? Next::WaitRoom : Next::Wait};
}

/// As the asyncio program: one read of what has come, one answer, and the end. What was read beyond the answer is
/// dropped here and not left to the kernel, which would reset the connection.
Turn DataPath::answer_once(Session& session) {
  if (session.held.empty()) {
    const ssize_t got = receive(session, kReadBytes);
    if (got == 0) return end(CloseReason::Client);
    if (got < 0) return would_block(errno) ? Turn{} : lost(errno);
    session.held.push({buffer_.get(), std::min(static_cast<std::size_t>(got), plan_.one_shot_bytes)});
  }
  const Turn turn = flush(session, session.held.view().size());
  return turn.next == Next::Wait ? end(CloseReason::Served) : turn;
}

Turn DataPath::discard(Session& session, std::uint32_t ready) {
  const Turn turn = drop(session, ready, allowance(session.received));
  return allowance(session.received) == 0 && turn.next != Next::End ? finish(session) : turn;
}

/// MSG_TRUNC drops the bytes in the kernel without copying them (tcp(7)).
Turn DataPath::drop(Session& session, std::uint32_t ready, std::uint64_t most) {
  const int how = plan_.traffic_events ? 0 : MSG_TRUNC;
  for (int reads = 0; reads < kReadsPerTurn && most > 0; ++reads) {
    const std::size_t room = std::min<std::uint64_t>(most, kReadBytes);
    const ssize_t got = receive(session, room, how);
    if (got == 0) return end(CloseReason::Client);
    if (got < 0) return would_block(errno) ? Turn{} : lost(errno);
    most -= static_cast<std::uint64_t>(got);
    if (drained(static_cast<std::size_t>(got), room, ready)) return {};
  }
  return {Next::Again};
}

/// A client that has ended its own stream may still want to read (RFC 9293 3.6). That it does not any more it tells by
/// a reset: there is no other way to end this stream.
Turn DataPath::source(Session& session, std::uint32_t ready) {
  const Turn turn = drop_and_produce(session, ready);
  const bool left = turn.errno_value == ECONNRESET || turn.errno_value == EPIPE;
  return left ? end(CloseReason::Client) : turn;
}

Turn DataPath::drop_and_produce(Session& session, std::uint32_t ready) {
  const bool something_came = (ready & ~std::uint32_t{EPOLLOUT}) != 0;
  if (something_came && !session.client_finished) {
    const Turn turn = drop(session, ready, UINT64_MAX);
    session.client_finished = turn.next == Next::End && turn.errno_value == 0;
    if (!session.client_finished && turn.next != Next::Wait) return turn;
  }
  return produce(session);
}

Turn DataPath::produce(Session& session) {
  for (int writes = 0; writes < kReadsPerTurn; ++writes) {
    const std::size_t count = std::min<std::uint64_t>(allowance(session.sent), kReadBytes);
    if (count == 0) return finish_source(session);
    const ssize_t sent = send(session, {pattern_.data() + session.sent % kPatternBytes, count});
    if (sent < 0) return lost(errno);
    if (static_cast<std::size_t>(sent) < count) return {Next::WaitRoom};
  }
  return {Next::Again};
}

/// max_bytes is reached: no more is read. Closed at once with bytes unread the connection would be reset, and answers
/// on their way lost; so it is closed when the client's kernel has them all, and reset then only if it sent more than
/// that.
Turn DataPath::finish(Session& session) {
  session.finished = true;
  return unacked(session.socket.get()) == 0 ? end(CloseReason::Served) : Turn{Next::WaitTaken};
}

/// The source has sent its last byte, and tells so at once: its client sends nothing that matters, and is dropped it.
Turn DataPath::finish_source(Session& session) {
  session.finished = true;
  ::shutdown(session.socket.get(), SHUT_WR);
  return session.client_finished ? end(CloseReason::Served) : await_end(session, EPOLLRDHUP);
}

Turn DataPath::await_end(Session& session, std::uint32_t ready) {
  const Turn turn = drop(session, ready, UINT64_MAX);
  return turn.next == Next::End && turn.reason == CloseReason::Client ? end(CloseReason::Served) : turn;
}

ssize_t DataPath::receive(Session& session, std::size_t most, int flags) {
  ssize_t got = 0;
  do {
    got = ::recv(session.socket.get(), buffer_.get(), most, flags);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return got;
  const auto count = static_cast<std::size_t>(got);
  const std::uint64_t whole_before = session.received / plan_.request_bytes;
  session.received += count;
  traffic_.requests.add(plan_.request_bytes == 1 ? 1 : session.received / plan_.request_bytes - whole_before);
  traffic_.bytes_received.add(count);
  if (rearm_quickack_) rearm_quickack(session.socket.get());
  if (plan_.traffic_events) events_.received(session.peer, {buffer_.get(), count});
  return got;
}

/// How many the kernel took, 0 when it has no room, -1 on failure.
ssize_t DataPath::send(Session& session, std::string_view bytes) {
  ssize_t sent = 0;
  do {
    sent = ::send(session.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0) return would_block(errno) ? 0 : -1;
  const auto count = static_cast<std::size_t>(sent);
  session.sent += count;
  traffic_.bytes_sent.add(count);
  if (plan_.traffic_events) events_.sent(session.peer, bytes.substr(0, count));
  return sent;
}

std::uint64_t DataPath::allowance(std::uint64_t moved) const noexcept {
  return plan_.max_bytes == 0 ? UINT64_MAX : plan_.max_bytes - moved;
}

/// Bytes of whole requests that are not answered yet, and once no more will come, of all.
std::size_t DataPath::due(const Session& session) const noexcept {
  const std::uint64_t incomplete = session.client_finished ? 0 : session.received % plan_.request_bytes;
  return session.received - incomplete - session.sent;
}

}  // namespace tcpkit
