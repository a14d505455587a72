#include "net/worker.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <utility>
#include <variant>

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/send_queue.hpp"
#include "os/errno_code.hpp"

namespace tcpkit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLookAtFinishing{10};

/// Fine enough that a limit is kept within an eighth, and never so fine that ticking costs.
Nanoseconds tick_length(const ServePlan& plan) {
  Nanoseconds least = seconds(8);
  for (const Nanoseconds limit : {plan.idle_timeout, plan.max_lifetime, plan.grace}) {
    if (limit > Nanoseconds::zero()) least = std::min(least, limit);
  }
  // At the limit a connection that ends in another thread leaves a place, of which nothing but a look tells.
  if (plan.threads > 1) least = std::min<Nanoseconds>(least, 8 * milliseconds(100));
  return std::max<Nanoseconds>(least / 8, milliseconds(10));
}

std::vector<Setting> settings_on_accept(const ServePlan& plan) {
  std::vector<Setting> settings;
  std::ranges::copy_if(plan.settings, std::back_inserter(settings),
                       [](const Setting& setting) { return belongs(setting, Moment::Accepted); });
  return settings;
}

/// The connection that was to be accepted has gone, or its network has (accept(2)): the next one is as good as ever.
bool about_one_connection(int errno_value) {
  constexpr std::array kPassing = {EAGAIN, EINTR,        ECONNABORTED, ENETDOWN,    EPROTO,    ENOPROTOOPT, EHOSTDOWN,
                                   ENONET, EHOSTUNREACH, EOPNOTSUPP,   ENETUNREACH, ETIMEDOUT, EPERM};
  return std::ranges::find(kPassing, errno_value) != kPassing.end();
}

/// {1, 0} makes close(2) reset the connection: its client must not take a cut stream for a whole one.
void set_linger(int socket, linger value) {
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &value, sizeof(value));
}

/// Whether connections inherit that close(2) waits for their client, even on a socket that does not block (socket(7)):
/// all others of the thread would wait with it.
bool asks_close_to_wait(const ServePlan& plan) {
  bool waits = false;
  for (const Setting& setting : plan.settings) {
    if (setting.option == nullptr || setting.option->symbol != "SO_LINGER") continue;
    const auto& value = std::get<Structure>(setting.value);
    waits = value.at(0).value != 0 && value.at(1).value > 0;
  }
  return waits;
}

/// Bytes are kept that will not be sent, or were taken and could not be, or the client takes none of those that were.
bool cut_short(const Session& session, CloseReason reason) {
  const bool ended_by_us =
      reason == CloseReason::Idle || reason == CloseReason::Lifetime || reason == CloseReason::Drained;
  return !session.held.empty() || reason == CloseReason::Failed || reason == CloseReason::Reset ||
         (ended_by_us && session.pace == Session::Pace::Stuck);
}

}  // namespace

Result<std::unique_ptr<Worker>> Worker::make(const ServePlan& plan, Admission& admission,
                                             std::vector<os::Descriptor> listeners) {
  auto poll_set = PollSet::make();
  if (!poll_set) return poll_set.error();
  os::Descriptor wake_up(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_up) return system_error(errno, "make an eventfd");
  std::unique_ptr<Worker> worker(
      new Worker(plan, admission, std::move(*poll_set), std::move(wake_up), std::move(listeners)));
  const bool watched = worker->poll_set_.add(worker->wake_up_.get(), EPOLLIN, worker->wake_up_watch_);
  if (!watched || !worker->gate_.open()) return system_error(errno, "watch the listeners");
  return worker;
}

Worker::Worker(const ServePlan& plan, Admission& admission, PollSet poll_set, os::Descriptor wake_up,
               std::vector<os::Descriptor> listeners)
    : plan_(plan),
      admission_(admission),
      accepted_settings_(settings_on_accept(plan)),
      poll_set_(std::move(poll_set)),
      wake_up_(std::move(wake_up)),
      gate_(poll_set_, std::move(listeners), !plan.sockets.empty()),
      close_waits_(asks_close_to_wait(plan)),
      tick_length_(tick_length(plan)),
      silence_(plan.idle_timeout, tick_length_) {}

void Worker::command(Command command) noexcept {
  Command before = ordered_.load();
  while (before < command && !ordered_.compare_exchange_weak(before, command)) {
  }
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_up_.get(), &one, sizeof(one));  // full means: already awake
}

/// Events first, then the tick: after a long stop of the process what has come meanwhile counts before its silence.
void Worker::run(ServeEvents& events) {
  events_ = &events;
  DataPath data_path(plan_, events, traffic_);
  interest_ = data_path.interest();
  std::array<epoll_event, 256> room;
  now_ = Clock::now();
  next_tick_ = now_ + tick_length_;
  while (!gate_.is_closed() || silence_.size() > 0) {
    const auto happened = poll_set_.wait(room, patience_ms());
    now_ = Clock::now();
    for (const epoll_event& event : happened) handle(event, data_path);
    close_finished();
    obey();
    if (now_ >= next_tick_) tick();
  }
}

void Worker::close_finished() {
  const std::vector<Session*> sessions = finishing_;
  for (Session* session : sessions) {
    if (unacked(session->socket.get()) == 0) close(*session, CloseReason::Served);
  }
}

/// With no connection there is nothing to tick for.
int Worker::patience_ms() const noexcept {
  if (silence_.size() == 0 && !gate_.is_shut()) return -1;
  const std::int64_t longest = finishing_.empty() ? 1000 : kLookAtFinishing.count();
  const auto left = std::chrono::ceil<milliseconds>(next_tick_ - now_).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, longest));
}

void Worker::handle(const epoll_event& event, DataPath& data_path) {
  Watched& watched = PollSet::watched(event);
  switch (watched.kind) {
    case Watched::Kind::WakeUp: {
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t got = ::read(wake_up_.get(), &count, sizeof(count));
      break;
    }
    case Watched::Kind::Timer:
      break;
    case Watched::Kind::Listener:
      accept_from(static_cast<Gate::Entrance&>(watched).socket.get());
      break;
    case Watched::Kind::Session:
      take_turn(static_cast<Session&>(watched), event.events, data_path);
      break;
  }
}

/// Between rounds of events, so that no event of this round is about something that is gone.
void Worker::obey() {
  const Command command = admission_.no_more() ? std::max(ordered_.load(), Command::Finish) : ordered_.load();
  if (command == obeyed_) return;
  obeyed_ = command;
  gate_.close();
  if (command == Command::Drain) drain_since_ = now_;
  if (command == Command::End || grace_is_over()) close_all(CloseReason::Drained);
}

bool Worker::grace_is_over() const noexcept {
  return drain_since_ && now_ - *drain_since_ >= plan_.grace;
}

/// One at a time: epoll reports a listener for as long as somebody waits, and asking until nobody does would cost a
/// call that fails for every connection.
void Worker::accept_from(int listener) {
  const Admission::Answer answer = admission_.enter();
  if (answer == Admission::Answer::Full) return gate_.shut({admission_.open(), {}}, now_, *events_);
  if (answer == Admission::Answer::NoMore) return;
  sockaddr_storage address = {};
  socklen_t length = sizeof(address);
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  os::Descriptor socket(::accept4(listener, raw, &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket) return start(std::move(socket), Endpoint(raw, length));
  const int failure = errno;
  admission_.give_back();
  if (!about_one_connection(failure)) gate_.shut({admission_.open(), os::errno_code(failure)}, now_, *events_);
}

void Worker::start(os::Descriptor socket, const Endpoint& peer) {
  if (auto set = apply(socket.get(), accepted_settings_, Moment::Accepted);
      !set && !std::exchange(refusal_told_, true)) {
    events_->setting_refused(set.error());
  }
  admission_.came();
  gate_.came(*events_);
  Session& session = silence_.add(std::move(socket), peer, now_);
  events_->connected(session.socket.get(), session.peer);
  if (!poll_set_.add(session.socket.get(), interest_, session)) close(session, CloseReason::Failed, errno);
}

void Worker::take_turn(Session& session, std::uint32_t ready, DataPath& data_path) {
  const std::uint64_t before = session.received + session.sent;
  const Turn turn = data_path.take_turn(session, ready);
  const bool moved = session.received + session.sent != before && !session.finished;
  if (moved) silence_.moved(session, now_);
  session.blocked = turn.next == Turn::Next::WaitRoom;
  switch (turn.next) {
    case Turn::Next::Wait:
      break;
    case Turn::Next::WaitRoom:
      if (!std::exchange(session.wants_room, true)) watch_anew(session);
      break;
    case Turn::Next::WaitTaken:
      if (std::ranges::find(finishing_, &session) == finishing_.end()) finishing_.push_back(&session);
      break;
    case Turn::Next::Again:
      watch_anew(session);
      break;
    case Turn::Next::End:
      close(session, turn.reason, turn.errno_value);
      break;
  }
}

void Worker::watch_anew(Session& session) {
  const std::uint32_t interest = session.wants_room ? interest_ | EPOLLOUT : interest_;
  if (!poll_set_.change(session.socket.get(), interest, session)) close(session, CloseReason::Failed, errno);
}

void Worker::close(Session& session, CloseReason reason, int errno_value) {
  const int socket = session.socket.get();
  events_->closed(socket, {session.peer, session.received, session.sent, now_ - session.started, reason,
                           errno_value == 0 ? std::error_code() : os::errno_code(errno_value)});
  ++closed_by_[static_cast<std::size_t>(reason)];
  poll_set_.remove(socket);
  std::erase(finishing_, &session);
  if (cut_short(session, reason)) {
    set_linger(socket, {1, 0});
  } else if (close_waits_) {
    set_linger(socket, {0, 0});
  }
  silence_.erase(session);
  admission_.leave();
  if (gate_.is_shut() && !admission_.full()) gate_.reopen(*events_);
}

void Worker::close_all(CloseReason reason) {
  silence_.for_each([&](Session& session) { close(session, reason); });
}

void Worker::tick() {
  const Nanoseconds late = now_ - next_tick_;
  if (late > tick_length_) silence_.forgive(late, now_);
  next_tick_ = now_ + tick_length_;
  silence_.cut_silent(now_, [this](Session& session) { close(session, CloseReason::Idle); });
  if (plan_.max_lifetime > Nanoseconds::zero()) {
    silence_.for_each([this](Session& session) {
      if (now_ - session.started >= plan_.max_lifetime) close(session, CloseReason::Lifetime);
    });
  }
  if (grace_is_over()) close_all(CloseReason::Drained);
  if (!admission_.full() && gate_.may_try_again(now_)) gate_.reopen(*events_);
  gate_.tell_if_due(now_, *events_);
}

}  // namespace tcpkit
