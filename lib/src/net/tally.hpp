#pragma once

#include <tcpkit/net/load.hpp>
#include <tcpkit/net/resolve.hpp>

#include "net/flow.hpp"

namespace tcpkit {

/// Counts what a load does: for the report interval under way, and with all of them for the whole.
class Tally {
 public:
  /// Begins what is measured: forgets everything but failures, those of connections lost to the warm-up.
  void begin(Clock::time_point now);

  /// A request of the warm-up is not counted.
  void completed(const Flow& flow, Clock::time_point now) noexcept {
    if (!flow.measured) return;
    ++interval_.requests;
    if (flow.in_pieces) ++interval_.in_pieces;
    interval_.latency.add(now - flow.begin);
    if (has_rate_) interval_.latency_intended.add(now - flow.intended);
  }
  void failed(LoadFailure failure, std::uint64_t times) noexcept {
    interval_.failures[static_cast<std::size_t>(failure)] += times;
  }

  void wrote(std::uint64_t requests) noexcept { interval_.requests += requests; }
  void sent(std::uint64_t bytes) noexcept { interval_.bytes_sent += bytes; }
  void received(std::uint64_t bytes) noexcept { interval_.bytes_received += bytes; }
  void began(Nanoseconds after_it_could) noexcept { interval_.own_delay.add(after_it_could); }
  void was_late() noexcept { ++interval_.late; }
  void connected(Nanoseconds took) noexcept { interval_.connect_time.add(took); }
  void ended(Nanoseconds lifetime) noexcept { interval_.lifetime.add(lifetime); }

  void use_rate() noexcept { has_rate_ = true; }

  /// Ends the interval under way and begins the next one; `path` is of the one that ended.
  LoadNumbers end_interval(Clock::time_point now, const PathNumbers& path);

  /// Of all ended intervals. Its path is left to the caller.
  [[nodiscard]] const LoadNumbers& total() const noexcept { return total_; }

  /// So far, those of the interval under way included.
  [[nodiscard]] std::uint64_t requests() const noexcept { return total_.requests + interval_.requests; }
  [[nodiscard]] std::uint64_t failures() const noexcept;
  [[nodiscard]] std::uint64_t bytes_sent() const noexcept { return total_.bytes_sent + interval_.bytes_sent; }
  [[nodiscard]] std::uint64_t bytes_received() const noexcept {
    return total_.bytes_received + interval_.bytes_received;
  }

 private:
  bool has_rate_ = false;
  Clock::time_point begin_;
  Clock::time_point interval_begin_;
  LoadNumbers interval_;
  LoadNumbers total_;
  Nanoseconds user_before_{0};
  Nanoseconds processor_before_{0};
};

}  // namespace tcpkit
