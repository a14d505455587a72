#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <tcpkit/net/exchange.hpp>

/// Where replies go: to standard output as they are, or made safe for a terminal, or into a report.
class ReplySink final : public tcpkit::ByteSink {
 public:
  static constexpr std::size_t kMostKept = 64U << 10;

  /// `keeps`: for a report. `broken` is called once, when a write has failed.
  ReplySink(bool keeps, std::function<void()> broken);

  [[nodiscard]] int descriptor() const noexcept override;
  std::size_t write(std::string_view bytes) override;

  /// The bytes kept since restart(), kMostKept at most, and whether there were more.
  [[nodiscard]] const std::string& kept() const { return kept_; }
  [[nodiscard]] bool truncated() const { return truncated_; }
  void restart();

  /// Writes what is left of escapes. Returns the errno value of the first write that failed, after which
  /// nothing was written; 0 if none did, or if the reader of a pipe has gone.
  [[nodiscard]] int finish(tcpkit::Clock::time_point deadline);

  /// Whether a write failed.
  [[nodiscard]] bool is_broken() const { return errno_ != 0; }

 private:
  std::size_t keep(std::string_view bytes);
  std::size_t write_raw(std::string_view bytes);
  std::size_t write_escaped(std::string_view bytes);
  [[nodiscard]] bool write_rest();

  bool keeps_;
  std::function<void()> broken_;
  bool escapes_;
  std::size_t most_at_once_;
  std::string kept_;
  bool truncated_ = false;
  std::string rest_;  // of escapes that were written in part
  int errno_ = 0;
};
