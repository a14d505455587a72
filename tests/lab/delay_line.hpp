#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <span>
#include <vector>

#include <tcpkit/base/units.hpp>

namespace tcpkit::lab {

/// Packets under way, each until its time. Those with the same time leave in the order in which they came.
class DelayLine {
 public:
  explicit DelayLine(std::size_t largest) : largest_(largest) {}

  /// Room for the next packet; it holds nothing until keep() is called.
  [[nodiscard]] std::span<std::uint8_t> room() {
    if (free_.empty()) {
      free_.push_back(packets_.size());
      packets_.emplace_back(largest_);
    }
    return packets_[free_.back()];
  }

  /// The first bytes of the room are a packet that arrives then.
  void keep(std::size_t bytes, Nanoseconds arrival) {
    line_.push({arrival, count_++, free_.back(), bytes});
    free_.pop_back();
  }

  [[nodiscard]] std::optional<Nanoseconds> next() const {
    return line_.empty() ? std::nullopt : std::optional(line_.top().arrival);
  }

  /// Takes out the packet of next(); its bytes stay until room() is called.
  [[nodiscard]] std::span<const std::uint8_t> take() {
    const Entry entry = line_.top();
    line_.pop();
    free_.push_back(entry.slot);
    return std::span(packets_[entry.slot]).first(entry.bytes);
  }

 private:
  struct Entry {
    Nanoseconds arrival;
    std::uint64_t number;
    std::size_t slot;
    std::size_t bytes;
    bool operator<(const Entry& other) const {  // the queue's top is its greatest
      return arrival != other.arrival ? arrival > other.arrival : number > other.number;
    }
  };

  std::size_t largest_;
  std::priority_queue<Entry> line_;
  std::uint64_t count_ = 0;
  std::vector<std::vector<std::uint8_t>> packets_;
  std::vector<std::size_t> free_;
};

}  // namespace tcpkit::lab
