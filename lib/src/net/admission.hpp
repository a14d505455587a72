#pragma once

#include <atomic>
#include <cstdint>

namespace tcpkit {

/// Who may still be let in: the limits that all workers of a server share. Touched when a connection starts and when it
/// ends. A worker takes a place before it knows whether anybody waits; only who came counts as accepted, for after the
/// last one the other workers shut their doors on those who wait there.
class Admission {
 public:
  enum class Answer : std::uint8_t { Welcome, Full, NoMore };

  /// 0 = no limit of the number accepted.
  Admission(std::uint64_t most_at_once, std::uint64_t most_in_all)
      : most_at_once_(most_at_once), most_in_all_(most_in_all) {}

  /// Takes a place. Then somebody came(), and will leave(), or it is given back.
  Answer enter() noexcept {
    if (!raise(open_, most_at_once_)) return Answer::Full;
    if (raise(places_, most_in_all_ == 0 ? UINT64_MAX : most_in_all_)) return Answer::Welcome;
    leave();
    return Answer::NoMore;
  }

  void give_back() noexcept {
    places_.fetch_sub(1);
    leave();
  }

  void came() noexcept {
    accepted_.fetch_add(1);
    note_peak();
  }

  void leave() noexcept { open_.fetch_sub(1); }

  [[nodiscard]] bool no_more() const noexcept { return most_in_all_ != 0 && accepted_.load() >= most_in_all_; }
  [[nodiscard]] bool full() const noexcept { return open_.load() >= most_at_once_; }
  [[nodiscard]] std::uint64_t open() const noexcept { return open_.load(); }
  [[nodiscard]] std::uint64_t accepted() const noexcept { return accepted_.load(); }
  [[nodiscard]] std::uint64_t peak() const noexcept { return peak_.load(); }

 private:
  void note_peak() noexcept {
    const std::uint64_t now = open();
    std::uint64_t peak = peak_.load();
    while (peak < now && !peak_.compare_exchange_weak(peak, now)) {
    }
  }

  static bool raise(std::atomic<std::uint64_t>& number, std::uint64_t most) noexcept {
    std::uint64_t now = number.load();
    while (now < most) {
      if (number.compare_exchange_weak(now, now + 1)) return true;
    }
    return false;
  }

  std::uint64_t most_at_once_;
  std::uint64_t most_in_all_;
  std::atomic<std::uint64_t> open_ = 0;
  std::atomic<std::uint64_t> places_ = 0;  // taken since the start
  std::atomic<std::uint64_t> accepted_ = 0;
  std::atomic<std::uint64_t> peak_ = 0;
};

}  // namespace tcpkit
