#include <tcpkit/net/server.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <exception>
#include <thread>

#include <sys/eventfd.h>
#include <unistd.h>
#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include <tcpkit/base/signals.hpp>

#include <tcpkit/net/connect.hpp>
#include <tcpkit/net/loopback_peer.hpp>
#include "net/await.hpp"

#include "net/listen_socket.hpp"
#include "net/worker.hpp"

namespace tcpkit {
namespace {

using std::chrono::seconds;

using Workers = std::vector<std::unique_ptr<Worker>>;

ServeTotals totals(const Workers& workers, const Admission& admission) {
  ServeTotals sum;
  sum.accepted = admission.accepted();
  sum.open = admission.open();
  for (const auto& worker : workers) {
    sum.requests += worker->traffic().requests.get();
    sum.bytes_received += worker->traffic().bytes_received.get();
    sum.bytes_sent += worker->traffic().bytes_sent.get();
  }
  return sum;
}

Result<void> check(const ServePlan& plan) {
  const bool enough = !plan.addresses.empty() && plan.request_bytes > 0 && plan.threads > 0 && plan.max_connections > 0;
  if (!enough) return bad_value("serve: addresses, request_bytes, threads and max_connections must be at least 1");
  const bool paired = plan.sockets.empty() ? plan.backlog >= 0 : plan.sockets.size() == plan.addresses.size();
  if (!paired) return bad_value("serve: a backlog is needed, or a socket for each address");
  const bool whole = plan.service != Service::Echo || plan.max_bytes % plan.request_bytes == 0;
  if (!whole) return bad_value("serve: max_bytes must be a multiple of request_bytes");
  return {};
}

/// Whether the kernel takes on a connection what is set there: found out now, on a connection of our own over loopback,
/// so that no client is served otherwise. Where none can be made the first client will tell.
Result<void> try_on_connection(const ServePlan& plan) {
  auto peer = LoopbackPeer::start(plan.addresses.front().family());
  if (!peer) return {};
  std::vector<Attempt> attempts;
  const auto connection = connect(std::vector{peer->endpoint()}, {}, attempts);
  if (!connection) return {};
  return apply(connection->socket(), settings_for(plan, plan.addresses.front()), Moment::Accepted);
}

}  // namespace

std::string_view close_reason_name(CloseReason reason) noexcept {
  constexpr std::array<std::string_view, kCloseReasons.size()> kNames = {"client",   "served",  "reset", "idle",
                                                                         "lifetime", "drained", "failed"};
  return kNames[static_cast<std::size_t>(reason)];
}

/// The control path: straight-line coroutines in the thread that called run(). Every one of them ends when the last
/// worker has: each waits on something that all_done() cancels.
struct Server::State {
  State(const ServePlan& asked, int stop_event)
      : plan(asked),
        admission(plan.max_connections, plan.max_accepted),
        stop(context, stop_event),
        duration(context),
        second(context) {}

  Result<void> open();
  std::thread thread_of(Worker& worker, ServeEvents& events);
  Result<void> start_threads(ServeEvents& events);
  void join();

  asio::awaitable<void> await_stops(ServeEvents& events);
  asio::awaitable<void> await_duration(ServeEvents& events);
  asio::awaitable<void> tick(ServeEvents& events);
  void order(Worker::Command command);
  void drain(ServeEvents& events);
  void worker_done();
  void all_done();

  ServeSummary summary(Nanoseconds took) const;

  ServePlan plan;
  Admission admission;
  Workers workers;
  std::vector<Listener> listeners;
  std::vector<std::thread> threads;
  asio::io_context context{1};
  asio::posix::stream_descriptor stop;  // an eventfd(2) that counts the calls of Server::stop()
  asio::steady_timer duration;
  asio::steady_timer second;
  std::size_t running = 0;
  std::uint64_t stops = 0;
  bool draining = false;
  bool ended = false;
};

Result<void> Server::State::open() {
  for (unsigned n = 0; n < plan.threads; ++n) {
    auto sockets = listen_on_all(plan);  // the first one settles the port for all
    if (!sockets) return sockets.error();
    auto worker = Worker::make(plan, admission, std::move(*sockets));
    if (!worker) return worker.error();
    workers.push_back(std::move(*worker));
  }
  for (std::size_t n = 0; n < plan.addresses.size(); ++n) {
    listeners.push_back({plan.addresses[n], {}});
    for (const auto& worker : workers) listeners.back().sockets.push_back(worker->listener(n));
  }
  return {};
}

std::thread Server::State::thread_of(Worker& worker, ServeEvents& events) {
  return std::thread([this, &worker, &events] {
    worker.run(events);
    asio::post(context, [this] { worker_done(); });
  });
}

Result<void> Server::State::start_threads(ServeEvents& events) try {
  const SignalsBlocked blocked;
  for (const auto& worker : workers) {
    threads.push_back(thread_of(*worker, events));
    ++running;
  }
  return {};
} catch (const std::system_error& failure) {
  order(Worker::Command::End);
  join();
  return Error{standard(failure.code()), "start a thread"};
}

void Server::State::join() {
  for (std::thread& thread : threads) thread.join();
  threads.clear();
}

void Server::State::order(Worker::Command command) {
  for (const auto& worker : workers) worker->command(command);
}

void Server::State::drain(ServeEvents& events) {
  if (std::exchange(draining, true)) return;
  events.draining(totals(workers, admission));
  order(Worker::Command::Drain);
}

/// The others may have no event of their own that tells them of the last connection accepted.
void Server::State::worker_done() {
  if (--running == 0) return all_done();
  order(Worker::Command::Finish);
}

void Server::State::all_done() {
  ended = true;
  std::error_code ignored;
  stop.cancel(ignored);
  duration.cancel();
  second.cancel();
}

asio::awaitable<void> Server::State::await_stops(ServeEvents& events) {
  while (!ended && stops < 2) {
    std::uint64_t calls = 0;
    const auto [error, length] = co_await stop.async_read_some(asio::buffer(&calls, sizeof(calls)), kAwait);
    if (error) co_return;
    drain(events);
    stops += calls;
    if (stops >= 2) order(Worker::Command::End);
  }
}

asio::awaitable<void> Server::State::await_duration(ServeEvents& events) {
  if (plan.duration == Nanoseconds::zero()) co_return;
  duration.expires_after(plan.duration);
  const auto [error] = co_await duration.async_wait(kAwait);
  if (!error && !ended) drain(events);
}

asio::awaitable<void> Server::State::tick(ServeEvents& events) {
  while (!ended) {
    second.expires_after(seconds(1));
    const auto [error] = co_await second.async_wait(kAwait);
    if (error) co_return;
    events.ticked(totals(workers, admission));
  }
}

ServeSummary Server::State::summary(Nanoseconds took) const {
  ServeSummary summary;
  summary.totals = totals(workers, admission);
  summary.peak_connections = admission.peak();
  summary.duration = took;
  for (const auto& worker : workers) {
    summary.pauses += worker->pauses();
    for (std::size_t n = 0; n < summary.closed_by.size(); ++n) summary.closed_by[n] += worker->closed_by()[n];
  }
  return summary;
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

std::span<const Listener> Server::listeners() const noexcept {
  return state_->listeners;
}

Result<Server> Server::open(const ServePlan& plan) try {
  if (auto checked = check(plan); !checked) return checked.error();
  if (auto tried = try_on_connection(plan); !tried) return tried.error();
  os::Descriptor stop_event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop_event) return system_error(errno, "make an eventfd");
  auto state = std::make_unique<State>(plan, stop_event.get());
  [[maybe_unused]] const int owned = stop_event.release();
  if (auto opened = state->open(); !opened) return opened.error();
  return Server(std::move(state));
} catch (const std::system_error& failure) {
  return Error{standard(failure.code()), "make an event loop"};  // Asio throws where a limit is hit
}

Result<ServeSummary> Server::run(ServeEvents& events) {
  State& state = *state_;
  const auto begin = Clock::now();
  if (auto started = state.start_threads(events); !started) return started.error();
  const auto rethrow = [](const std::exception_ptr& exception) {
    if (exception) std::rethrow_exception(exception);
  };
  asio::co_spawn(state.context, state.await_stops(events), rethrow);
  asio::co_spawn(state.context, state.await_duration(events), rethrow);
  asio::co_spawn(state.context, state.tick(events), rethrow);
  state.context.run();
  state.join();
  return state.summary(Clock::now() - begin);
}

void Server::stop() noexcept {
  const std::uint64_t one = 1;
  const int errno_before = errno;
  [[maybe_unused]] const ssize_t written = ::write(state_->stop.native_handle(), &one, sizeof(one));
  errno = errno_before;
}

}  // namespace tcpkit
