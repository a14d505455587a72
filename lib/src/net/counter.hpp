#pragma once

#include <atomic>
#include <cstdint>

namespace tcpkit {

/// A number that one thread counts up and any thread may read: no locked instruction on the data path.
class Counter {
 public:
  void add(std::uint64_t more) noexcept { value_.store(get() + more, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// What one worker moved.
struct Traffic {
  Counter requests;
  Counter bytes_received;
  Counter bytes_sent;
};

}  // namespace tcpkit
