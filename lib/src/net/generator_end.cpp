#include <algorithm>
#include <chrono>
#include <utility>

#include "net/client_socket.hpp"
#include "net/generator.hpp"
#include "net/send_queue.hpp"

namespace tcpkit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Stage = Flow::Stage;
using Next = FlowTurn::Next;

/// Fine enough that a timeout is kept within an eighth, and never so fine that looking costs.
Nanoseconds look_every(Nanoseconds timeout) {
  return std::clamp<Nanoseconds>(timeout / 8, milliseconds(10), seconds(1));
}

}  // namespace

void Generator::cross_boundary() {
  if (now_ >= calendar_.deadline) {
    result_.deadline_passed = true;
    return;
  }
  if (now_ >= calendar_.measuring) begin_measuring();
  if (now_ >= calendar_.interval) end_interval();
  if (now_ >= calendar_.end) {
    issuing_ = false;
    calendar_.end = Calendar::kNever;
  }
  if (now_ >= calendar_.give_up) {
    gave_up_ = under_way_ == 0 || !schedule_->is_done();
    calendar_.give_up = Calendar::kNever;
  }
  if (now_ >= calendar_.tick) tick();
  if (now_ >= calendar_.progress) {
    const Clock::time_point begin = measuring_ ? measuring_since_ : calendar_.measuring;
    const std::uint64_t bytes = tally_.bytes_sent() + tally_.bytes_received() + (streams() ? acked_.fresh() : 0);
    events_->ticked(tally_.requests(), tally_.failures(), bytes, now_ - begin);
    calendar_.progress = now_ + seconds(1);
  }
}

void Generator::tick() {
  calendar_.tick = now_ + milliseconds(10);
  for (Flow* flow : std::exchange(resting_, {})) {
    flow->stage = Stage::Closed;
    next(*flow);
  }
  if (measuring_) path_.look(flows_.front());
  if (now_ >= next_timeout_look_) {
    time_out();
    next_timeout_look_ = now_ + look_every(plan_.connect.timeout);
  }
}

void Generator::time_out() {
  for (Flow& flow : flows_) {
    if (streams()) look_for_progress(flow);
    if (now_ - flow.patient_from >= plan_.connect.timeout) time_out(flow);
  }
}

void Generator::time_out(Flow& flow) {
  if (flow.stage == Stage::Connecting) {
    return fail_connect(flow, connect_timed_out(result_.peer, plan_.connect.timeout));
  }
  const bool waits = flow.has_request || (streams() && flow.stage == Stage::Busy);
  if (waits) fail(flow, {Next::Failed, LoadFailure::TimedOut});
}

/// A flow that has nothing left to write, while others do, waits for nobody.
void Generator::look_for_progress(Flow& flow) {
  if (flow.stage != Stage::Busy) return;
  const std::uint64_t acked = acknowledged_by(flow);
  const bool written_out = !stream_path_.may_write() && acked == flow.written;
  const std::uint64_t progress = acked + flow.dropped;
  if (std::exchange(flow.progress, progress) != progress || written_out) flow.patient_from = now_;
}

/// The last one ends with the run, not a moment before it.
void Generator::plan_interval(Clock::time_point from) {
  if (plan_.report_interval == Nanoseconds(0)) return;
  Clock::time_point end = later(from, plan_.report_interval);
  while (end <= now_) end = later(end, plan_.report_interval);  // after a stop of the process
  calendar_.interval = end < calendar_.end ? end : Calendar::kNever;
}

/// What streams wrote counts when the server's kernel has it.
void Generator::count_streams() {
  if (!streams()) return;
  const std::uint64_t before = tally_.bytes_sent();
  tally_.sent(acked_.take());
  if (plan_.reversed) return;  // nothing was written
  const std::uint64_t size = plan_.request.size();
  tally_.wrote(tally_.bytes_sent() / size - before / size);
}

void Generator::end_interval() {
  count_streams();
  const LoadNumbers numbers = tally_.end_interval(now_, path_.end_interval(flows_));
  if (plan_.report_interval == Nanoseconds(0)) return;
  plan_interval(calendar_.interval);
  events_->interval(numbers);
}

/// What the deadline cut short; of a schedule all that was due and not sent, or not completed.
std::uint64_t Generator::unfinished() const {
  if (!measuring_) return 0;
  const auto cut_short = static_cast<std::uint64_t>(
      std::ranges::count_if(flows_, [](const Flow& flow) { return flow.has_request && flow.measured; }));
  if (!schedule_) return result_.deadline_passed ? cut_short : 0;
  const bool endless = plan_.count == 0 && plan_.duration == Nanoseconds(0);
  const bool cut = stop_ordered_ || result_.deadline_passed || endless;
  return cut_short + (cut ? schedule_->overdue(now_) : schedule_->left());
}

LoadResult Generator::conclude() {
  now_ = Clock::now();
  result_.stopped = stop_ordered_;
  const std::uint64_t left = unfinished();
  if (!measuring_) begin_measuring();
  tally_.failed(LoadFailure::Unfinished, left);
  end_interval();
  result_.numbers = tally_.total();
  result_.numbers.path = path_.total();
  result_.numbers.connect_time.merge(connects_before_);
  result_.absences = absence_.absences();
  const Flow& first = flows_.front();
  auto info = first.socket ? TcpInfo::read(first.socket.get()) : Result<TcpInfo>(system_error(ENOTCONN, ""));
  if (info) {
    result_.info_after = std::move(*info);
  } else {
    result_.info_after_reason =
        first.socket ? "unreadable: " + info.error().code.message() : "the connection is closed";
  }
  return std::move(result_);
}

}  // namespace tcpkit
