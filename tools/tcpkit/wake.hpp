#pragma once

#include <atomic>
#include <chrono>

/// Wakes a loop that waits in poll(2), and tells it why. stop() and redraw() are async-signal-safe.
class Wake {
 public:
  Wake();
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;
  ~Wake();

  /// The run is to end.
  void stop() noexcept;
  /// What was drawn may be gone, or of another size.
  void redraw() noexcept;

  /// Can be read once something happened.
  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// Begins to wait anew: the descriptor cannot be read until something else happens.
  void rearm();
  [[nodiscard]] bool stopped() const { return stopped_; }
  /// Whether redraw() was called since it was last asked.
  [[nodiscard]] bool take_redraw() { return redraw_.exchange(false); }

 private:
  void ring() noexcept;

  int descriptor_;
  std::atomic<bool> stopped_ = false;
  std::atomic<bool> redraw_ = false;
};

/// The time that is left as poll(2) takes it: rounded up, so that it is over afterwards; 0 where it is over already,
/// and 1000 s at most, after which to ask again.
[[nodiscard]] int poll_timeout_ms(std::chrono::steady_clock::time_point end);
