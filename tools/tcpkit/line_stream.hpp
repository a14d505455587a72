#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

/// Lines to a descriptor, for writers that must not wait for its reader: a thread of its own writes them, and lines
/// that a slow reader leaves no room for are dropped and counted. At most kCapacity bytes wait, or one longer text.
class LineStream {
 public:
  static constexpr std::size_t kCapacity = 1U << 20;

  /// The line that stands where so many lines are missing. Called from the stream's thread, and perhaps after the
  /// stream is gone.
  using DropNote = std::function<std::string(std::uint64_t lines)>;

  /// Throws std::system_error when no thread can be started.
  LineStream(int descriptor, DropNote note);
  LineStream(const LineStream&) = delete;
  LineStream& operator=(const LineStream&) = delete;
  ~LineStream();

  /// Queues the text whole, or drops it whole. Thread-safe.
  void write(std::string_view text);

  /// Queues the text whether there is room or not, for last words. Thread-safe.
  void write_anyway(std::string_view text);

  /// Lines that were dropped so far, those included that came after a write had failed. Thread-safe.
  [[nodiscard]] std::uint64_t dropped() const;

  /// Waits until all is written, for a second at most, then gives up what is left. Returns the errno value of the first
  /// write that failed, after which nothing was written; 0 if none did.
  int close();
  /// After close(): whether something was given up because nobody took it.
  [[nodiscard]] bool unread() const { return unread_; }

 private:
  struct State;

  std::shared_ptr<State> state_;
  std::thread thread_;
  bool unread_ = false;
};
