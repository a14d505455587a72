#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include <sys/epoll.h>

#include <tcpkit/net/load.hpp>

#include "net/absence.hpp"
#include "net/ack_count.hpp"
#include "net/calendar.hpp"
#include "net/flow.hpp"
#include "net/flow_opener.hpp"
#include "net/path_watch.hpp"
#include "net/request_path.hpp"
#include "net/schedule.hpp"
#include "net/stream_path.hpp"
#include "net/tally.hpp"
#include "net/timed_poll.hpp"

namespace tcpkit {

/// The loop of a load: one thread, all connections. Another thread may call stop(), nothing else.
/// generator.cpp has the requests, generator_open.cpp the connections before them, generator_end.cpp time and results.
class Generator {
 public:
  static Result<std::unique_ptr<Generator>> make(const LoadPlan& plan);

  Result<void> open(std::vector<Attempt>& attempts);
  [[nodiscard]] int first_socket() const noexcept { return flows_.front().socket.get(); }
  LoadResult run(LoadEvents& events);
  void stop() noexcept;

 private:
  Generator(const LoadPlan& plan, TimedPoll poll);

  Result<void> open_others();

  void start();
  void begin_measuring();
  [[nodiscard]] bool is_over();
  [[nodiscard]] bool may_begin() const noexcept;
  void wait();
  [[nodiscard]] Clock::time_point next_time() const;
  void handle(const epoll_event& event);
  void take_turn(Flow& flow, std::uint32_t ready);
  void go_on(Flow& flow, const FlowTurn& turn);
  void run_runnable();
  void dispatch_due();
  [[nodiscard]] Clock::time_point could_begin(const Flow& flow, Clock::time_point intended) const noexcept;

  void next(Flow& flow);
  void begin(Flow& flow, Clock::time_point intended);
  void open(Flow& flow);
  void connected(Flow& flow);
  void watch(Flow& flow);
  void send_request(Flow& flow);
  void complete(Flow& flow);
  void fail(Flow& flow, const FlowTurn& turn);
  void fail_connect(Flow& flow, const Error& error);
  [[nodiscard]] bool end_request(Flow& flow, LoadFailure failure);
  [[nodiscard]] bool may_repeat(const Flow& flow, LoadFailure failure) const noexcept;
  void lose(Flow& flow);
  void lose(Flow& flow, LoadFailure failure, bool counted);
  void close(Flow& flow);
  void remember(Error error);

  void cross_boundary();
  void tick();
  void plan_interval(Clock::time_point from);
  void end_interval();
  void count_streams();
  void time_out();
  void time_out(Flow& flow);
  void look_for_progress(Flow& flow);
  [[nodiscard]] bool streams() const noexcept;
  [[nodiscard]] std::uint64_t unfinished() const;
  LoadResult conclude();

  const LoadPlan plan_;
  TimedPoll poll_;
  Tally tally_;
  FlowOpener opener_;
  RequestPath request_path_;
  StreamPath stream_path_;
  PathWatch path_;
  std::deque<Flow> flows_;  // they never move: epoll holds their addresses
  AckCount acked_{flows_};  // of streams
  std::deque<Flow*> free_;  // with a schedule: longest free first
  std::deque<Flow*> runnable_;
  std::vector<Flow*> resting_;
  std::optional<Schedule> schedule_;
  Calendar calendar_;
  AbsenceWatch absence_;

  LoadEvents* events_ = nullptr;
  std::atomic<bool> stop_ordered_ = false;
  Clock::time_point now_;
  Clock::time_point measuring_since_;
  Clock::time_point away_since_;  // the last absence of the process
  Clock::time_point away_until_;
  Clock::time_point next_timeout_look_;
  bool measuring_ = false;
  bool issuing_ = true;
  bool gave_up_ = false;
  std::uint64_t issued_ = 0;  // requests of what is measured
  std::uint64_t under_way_ = 0;
  std::uint64_t open_ = 0;
  std::uint64_t done_ = 0;  // flows that are not opened again
  Histogram connects_before_;
  std::optional<Error> open_failure_;
  LoadResult result_;
};

}  // namespace tcpkit
