#pragma once

#include <cstdint>

#include <tcpkit/base/units.hpp>
#include <tcpkit/net/resolve.hpp>

namespace tcpkit {

/// When requests are due at a fixed rate: the n-th at begin + n / rate, whatever became of the others.
class Schedule {
 public:
  /// `total` requests at `per_second`, more than 0.
  Schedule(Clock::time_point begin, std::uint64_t per_second, std::uint64_t total)
      : begin_(begin), per_second_(per_second), total_(total) {}

  /// Requests due within a time.
  [[nodiscard]] static std::uint64_t due_within(Nanoseconds time, std::uint64_t per_second) noexcept;
  /// When all are due, the last one included.
  [[nodiscard]] Clock::time_point end() const noexcept { return at(total_); }

  [[nodiscard]] bool is_done() const noexcept { return taken_ == total_; }
  [[nodiscard]] std::uint64_t left() const noexcept { return total_ - taken_; }
  /// When the next one is due; not to be called when it is done.
  [[nodiscard]] Clock::time_point next() const noexcept { return at(taken_); }
  void take() noexcept { ++taken_; }

  /// How many were due until `now`, and not taken.
  [[nodiscard]] std::uint64_t overdue(Clock::time_point now) const noexcept;

 private:
  [[nodiscard]] Clock::time_point at(std::uint64_t n) const noexcept;

  Clock::time_point begin_;
  std::uint64_t per_second_;
  std::uint64_t total_;
  std::uint64_t taken_ = 0;
};

}  // namespace tcpkit
