#include "net/tally.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <numeric>
#include <utility>

#include <sys/resource.h>

#include "net/processor_time.hpp"

namespace tcpkit {
namespace {

Nanoseconds to_duration(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

/// Good for its share in processor_time(), and no more.
Nanoseconds user_time() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return to_duration(usage.ru_utime);
}

std::uint64_t sum(const FailureCounts& failures) {
  return std::accumulate(failures.begin(), failures.end(), std::uint64_t{0});
}

void merge(LoadNumbers& into, const LoadNumbers& more) {
  into.duration = more.begin + more.duration;
  into.requests += more.requests;
  std::ranges::transform(into.failures, more.failures, into.failures.begin(), std::plus<>());
  into.bytes_sent += more.bytes_sent;
  into.bytes_received += more.bytes_received;
  into.latency.merge(more.latency);
  into.latency_intended.merge(more.latency_intended);
  into.late += more.late;
  into.own_delay.merge(more.own_delay);
  into.in_pieces += more.in_pieces;
  into.connect_time.merge(more.connect_time);
  into.lifetime.merge(more.lifetime);
  into.cpu_user += more.cpu_user;
  into.cpu_system += more.cpu_system;
}

}  // namespace

void Tally::begin(Clock::time_point now) {
  begin_ = now;
  interval_begin_ = now;
  const FailureCounts failures = interval_.failures;
  interval_ = {};
  interval_.failures = failures;
  total_ = {};
  user_before_ = user_time();
  processor_before_ = processor_time();
}

LoadNumbers Tally::end_interval(Clock::time_point now, const PathNumbers& path) {
  const Nanoseconds user = user_time();
  const Nanoseconds used = processor_time();
  const Nanoseconds taken = used - std::exchange(processor_before_, used);
  interval_.begin = interval_begin_ - begin_;
  interval_.duration = now - interval_begin_;
  interval_.cpu_user = std::min(user - std::exchange(user_before_, user), taken);
  interval_.cpu_system = taken - interval_.cpu_user;
  interval_.path = path;
  merge(total_, interval_);
  interval_begin_ = now;
  return std::exchange(interval_, {});
}

std::uint64_t Tally::failures() const noexcept {
  return sum(total_.failures) + sum(interval_.failures);
}

}  // namespace tcpkit
