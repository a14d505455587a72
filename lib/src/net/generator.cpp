#include "net/generator.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "net/client_socket.hpp"
#include "net/load_failure.hpp"
#include "net/send_queue.hpp"

namespace tcpkit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Stage = Flow::Stage;
using Next = FlowTurn::Next;

constexpr milliseconds kTick{10};
constexpr std::size_t kTurnsAtOnce = 64;

std::uint64_t scheduled(const LoadPlan& plan) {
  const std::uint64_t most = plan.count > 0 ? plan.count : UINT64_MAX;
  if (plan.duration == Nanoseconds(0)) return most;
  return std::clamp<std::uint64_t>(Schedule::due_within(plan.duration, plan.rate), 1, most);
}

/// UINT64_MAX for no limit, and for what is as good as none.
std::uint64_t bytes_of_writes(const LoadPlan& plan) {
  const std::uint64_t size = plan.request.size();
  return plan.count > 0 && plan.count <= UINT64_MAX / size ? plan.count * size : UINT64_MAX;
}

}  // namespace

Result<std::unique_ptr<Generator>> Generator::make(const LoadPlan& plan) {
  auto poll = TimedPoll::make();
  if (!poll) return poll.error();
  return std::unique_ptr<Generator>(new Generator(plan, std::move(*poll)));
}

Generator::Generator(const LoadPlan& plan, TimedPoll poll)
    : plan_(plan),
      poll_(std::move(poll)),
      opener_(plan_, poll_.set()),
      request_path_(plan_, tally_),
      stream_path_(plan_, tally_),
      path_(plan_.mode),
      absence_(kTick, Clock::now()) {
  for (std::uint32_t n = 0; n < plan_.connections; ++n) flows_.emplace_back(plan_.reply, plan_.request);
  if (plan_.rate > 0) tally_.use_rate();
}

void Generator::stop() noexcept {
  stop_ordered_ = true;
  poll_.wake_up();
}

LoadResult Generator::run(LoadEvents& events) {
  events_ = &events;
  start();
  while (!is_over()) {
    wait();
    run_runnable();
    if (schedule_) dispatch_due();
    if (now_ >= calendar_.next()) cross_boundary();
  }
  return conclude();
}

void Generator::start() {
  now_ = Clock::now();
  absence_ = AbsenceWatch(kTick, now_);
  calendar_.measuring = later(now_, plan_.warmup);
  calendar_.deadline = plan_.deadline;
  calendar_.tick = now_ + kTick;
  calendar_.progress = now_ + seconds(1);
  next_timeout_look_ = now_;
  if (plan_.mode == LoadMode::ConnectRequestResponse) close(flows_.front());
  if (plan_.warmup == Nanoseconds(0)) {
    begin_measuring();
  } else if (plan_.rate > 0) {
    schedule_.emplace(now_, plan_.rate, UINT64_MAX);
  }
  for (Flow& flow : flows_) {
    if (has_requests(plan_.mode)) {
      next(flow);
    } else if (flow.stage == Stage::Free) {
      flow.stage = Stage::Busy;
      flow.begin = now_;
      flow.patient_from = now_;
      flow.runnable = true;
      runnable_.push_back(&flow);
    }
  }
}

void Generator::begin_measuring() {
  measuring_ = true;
  measuring_since_ = now_;
  issued_ = 0;
  calendar_.measuring = Calendar::kNever;
  if (plan_.duration > Nanoseconds(0)) calendar_.end = later(now_, plan_.duration);
  plan_interval(now_);
  if (plan_.rate > 0) {
    schedule_.emplace(now_, plan_.rate, scheduled(plan_));
    calendar_.give_up = later(schedule_->end(), plan_.connect.timeout);
  }
  acked_.begin();
  if (streams() && plan_.count > 0) {
    const std::uint64_t bytes = bytes_of_writes(plan_);
    stream_path_.allow(bytes - std::min(bytes, acked_.in_flight()));  // those under way will count
  }
  absence_.forget();
  path_.begin(flows_);
  tally_.begin(now_);
}

bool Generator::streams() const noexcept {
  return plan_.mode == LoadMode::Stream || plan_.mode == LoadMode::Bidirectional;
}

bool Generator::may_begin() const noexcept {
  if (!measuring_) return true;
  return issuing_ && (plan_.count == 0 || issued_ < plan_.count);
}

bool Generator::is_over() {
  if (stop_ordered_ || result_.deadline_passed || gave_up_ || done_ == flows_.size()) return true;
  if (!measuring_) return false;
  if (!has_requests(plan_.mode)) {
    if (!issuing_) return true;
    return streams() && !stream_path_.may_write() && acked_.in_flight() == 0;
  }
  return under_way_ == 0 && (schedule_ ? schedule_->is_done() : !may_begin());
}

void Generator::wait() {
  std::array<epoll_event, 256> room;
  const auto happened = runnable_.empty() ? poll_.wait(room, next_time(), kTick) : poll_.look(room);
  now_ = Clock::now();
  if (const Nanoseconds away = absence_.look(now_); away > Nanoseconds(0)) {
    away_since_ = now_ - away;
    away_until_ = now_;
    for (Flow& flow : flows_) flow.patient_from += away;
  }
  for (const epoll_event& event : happened) handle(event);
}

/// The next request that is due and has a connection, or the next boundary; a tick comes by itself.
Clock::time_point Generator::next_time() const {
  const Clock::time_point boundary = calendar_.next_exact();
  const bool can_begin = schedule_ && !schedule_->is_done() && !free_.empty();
  return can_begin ? std::min(boundary, schedule_->next()) : boundary;
}

void Generator::handle(const epoll_event& event) {
  Watched& watched = PollSet::watched(event);
  if (watched.kind != Watched::Kind::Session) return;
  auto& flow = static_cast<Flow&>(watched);
  if (!flow.socket) return;  // closed by an event before this one
  if (flow.stage == Stage::Connecting) {
    if (const auto error = opener_.finish(flow, now_)) return fail_connect(flow, *error);
    if (flow.stage == Stage::Free) connected(flow);
  } else {
    take_turn(flow, event.events);
  }
}

void Generator::take_turn(Flow& flow, std::uint32_t ready) {
  go_on(flow, has_requests(plan_.mode) ? request_path_.take_turn(flow, ready) : stream_path_.take_turn(flow, ready));
}

void Generator::go_on(Flow& flow, const FlowTurn& turn) {
  switch (turn.next) {
    case Next::Wait:
      break;
    case Next::WaitRoom:
      if (const auto error = opener_.watch_room(flow)) fail_connect(flow, *error);
      break;
    case Next::Again:
      if (!std::exchange(flow.runnable, true)) runnable_.push_back(&flow);
      break;
    case Next::Complete:
      complete(flow);
      break;
    case Next::Finished:
      if (plan_.mode == LoadMode::Idle) return fail(flow, {Next::Failed, LoadFailure::Ended});
      close(flow);
      lose(flow);
      break;
    case Next::Failed:
      fail(flow, turn);
      break;
  }
}

/// Some of them; there may be so many that the clock would have to wait for all.
void Generator::run_runnable() {
  for (std::size_t left = std::min(runnable_.size(), kTurnsAtOnce); left > 0; --left) {
    Flow* flow = runnable_.front();
    runnable_.pop_front();
    flow->runnable = false;
    if (flow->socket && flow->stage == Stage::Busy) take_turn(*flow, EPOLLIN);
  }
}

void Generator::dispatch_due() {
  while (!schedule_->is_done() && !free_.empty() && schedule_->next() <= now_) {
    Flow& flow = *free_.front();
    free_.pop_front();
    if (flow.stage == Stage::Done) continue;
    const Clock::time_point intended = schedule_->next();
    schedule_->take();
    const Clock::time_point possible = could_begin(flow, intended);
    if (measuring_ && possible > intended) tally_.was_late();
    now_ = Clock::now();
    if (measuring_) tally_.began(now_ - possible);
    begin(flow, intended);
  }
}

/// What was due while the process did not run waited for the process, not for a connection.
Clock::time_point Generator::could_begin(const Flow& flow, Clock::time_point intended) const noexcept {
  const bool was_away = intended >= away_since_ && intended <= away_until_;
  return was_away ? intended : std::max(intended, flow.free_since);
}

/// Gives a flow without a request the next one, when it is time for it.
void Generator::next(Flow& flow) {
  if (flow.stage == Stage::Done) return;
  if (!schedule_) {
    if (may_begin()) begin(flow, now_);
    return;
  }
  flow.free_since = now_;
  free_.push_back(&flow);
  dispatch_due();
}

void Generator::begin(Flow& flow, Clock::time_point intended) {
  ++issued_;
  ++under_way_;
  flow.has_request = true;
  flow.measured = measuring_;
  flow.in_pieces = false;
  flow.intended = intended;
  flow.begin = now_;
  flow.patient_from = now_;
  flow.unsent = plan_.request.size();
  flow.matcher.restart();
  if (!flow.socket) return open(flow);
  flow.stage = Stage::Busy;
  send_request(flow);
}

void Generator::open(Flow& flow) {
  if (flow.number > 0 && plan_.mode != LoadMode::ConnectRequestResponse) ++result_.reopened;
  if (const auto error = opener_.start(flow, now_)) return fail_connect(flow, *error);
  if (flow.stage == Stage::Free) connected(flow);
}

void Generator::connected(Flow& flow) {
  flow.number = ++result_.opened;
  flow.is_open = true;
  result_.peak_connections = std::max(result_.peak_connections, ++open_);
  const Nanoseconds took = flow.opened - flow.connect_begin;
  if (events_ == nullptr) {
    connects_before_.add(took);
  } else {
    tally_.connected(took);
  }
  if (!flow.has_request) return watch(flow);
  flow.stage = Stage::Busy;
  send_request(flow);
}

void Generator::watch(Flow& flow) {
  if (flow.watched) return;
  if (const auto error = opener_.watch(flow)) fail_connect(flow, *error);
}

/// Sent before it is watched: the watch of a fresh connection reports at once what nobody asked for.
void Generator::send_request(Flow& flow) {
  const FlowTurn turn = request_path_.send(flow);
  if (turn.next != Next::Failed) watch(flow);
  if (flow.socket) go_on(flow, turn);
}

/// One reading of the clock is the end of this request and the begin of the next. A server that answered before it had
/// the whole request would take the next one for the rest of it: that one gets a new connection.
void Generator::complete(Flow& flow) {
  now_ = Clock::now();
  tally_.completed(flow, now_);
  --under_way_;
  flow.has_request = false;
  flow.answered = true;
  flow.stage = Stage::Free;
  if (plan_.mode == LoadMode::ConnectRequestResponse || flow.ended || flow.unsent > 0) close(flow);
  next(flow);
}

/// A server that ends connections between two requests may do so just when the second one is sent: as any client of
/// such servers, that one is sent again.
bool Generator::may_repeat(const Flow& flow, LoadFailure failure) const noexcept {
  return failure == LoadFailure::Ended && flow.answered && flow.matcher.received() == 0 &&
         plan_.mode != LoadMode::ConnectRequestResponse;
}

void Generator::fail(Flow& flow, const FlowTurn& turn) {
  const bool requests = has_requests(plan_.mode);
  const bool between_requests = requests && !flow.has_request && turn.failure != LoadFailure::Longer;
  if (turn.failure == LoadFailure::Ended || turn.failure == LoadFailure::Reset) tally_.ended(now_ - flow.opened);
  if (between_requests) return close(flow);
  if (flow.has_request && may_repeat(flow, turn.failure)) {
    close(flow);
    flow.unsent = plan_.request.size();
    return open(flow);
  }
  remember(failure_example(flow, turn, result_.peer, plan_.request));
  const bool answered = flow.answered || turn.failure == LoadFailure::Wrong || turn.failure == LoadFailure::Longer;
  const bool had_request = flow.has_request;
  const bool counted = end_request(flow, turn.failure);
  close(flow);
  if (!requests || (!answered && plan_.mode != LoadMode::ConnectRequestResponse)) {
    return lose(flow, turn.failure, counted);
  }
  if (had_request) next(flow);
}

void Generator::fail_connect(Flow& flow, const Error& error) {
  remember(error);
  if (events_ == nullptr) open_failure_ = result_.first_failure;
  const bool counted = end_request(flow, LoadFailure::Connect);
  close(flow);
  if (plan_.mode != LoadMode::ConnectRequestResponse) return lose(flow, LoadFailure::Connect, counted);
  flow.stage = Stage::Resting;
  resting_.push_back(&flow);
}

/// Whether the failure counts: what fails in the warm-up, or was begun in it, does not.
bool Generator::end_request(Flow& flow, LoadFailure failure) {
  const bool had_request = std::exchange(flow.has_request, false);
  if (had_request) --under_way_;
  const bool counts = had_request ? flow.measured : measuring_;
  if (counts) tally_.failed(failure, 1);
  return counts;
}

void Generator::remember(Error error) {
  if (!result_.first_failure) result_.first_failure = with_port_shortage(std::move(error), result_.peer);
}

void Generator::lose(Flow& flow) {
  if (std::exchange(flow.stage, Stage::Done) != Stage::Done) ++done_;
}

/// What is measured lacks the connection, also when it was lost to the warm-up.
void Generator::lose(Flow& flow, LoadFailure failure, bool counted) {
  if (!counted) tally_.failed(failure, 1);
  lose(flow);
}

void Generator::close(Flow& flow) {
  if (!flow.socket) return;
  if (std::exchange(flow.is_open, false)) --open_;
  if (streams()) acked_.closing(flow);
  flow.written = 0;
  flow.ended = false;
  opener_.close(flow);
}

}  // namespace tcpkit
