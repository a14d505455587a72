#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include <tcpkit/report/report.hpp>

namespace tcpkit {
struct SocketEntry;
}

/// What a connection did since the look before.
struct Progress {
  std::chrono::microseconds time{0};
  std::uint64_t acked_bytes = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t retransmissions = 0;
};

/// Compares each look at a socket with the one before.
class ProgressWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// A new round begins: what was not seen in the one before is forgotten.
  void next_round();
  /// Nothing at the first look, or where the kernel does not tell.
  [[nodiscard]] std::optional<Progress> look(const tcpkit::SocketEntry& entry, Clock::time_point now);

 private:
  struct Counters {
    Clock::time_point at;
    std::uint64_t acked = 0;
    std::uint64_t received = 0;
    std::uint64_t retransmissions = 0;
  };

  std::unordered_map<std::uint64_t, Counters> before_;  // by cookie
  std::unordered_map<std::uint64_t, Counters> now_;
};

/// "8.00 Mbit/s out, 1.20 kbit/s in, 3 retransmitted"; empty where nothing happened.
[[nodiscard]] std::string progress_text(const Progress& progress);
/// {interval_us, acked_bytes_per_s, received_bytes_per_s, retransmissions}, or null.
[[nodiscard]] tcpkit::Data progress_data(const std::optional<Progress>& progress);
