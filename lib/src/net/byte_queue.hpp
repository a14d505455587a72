#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace tcpkit {

/// Bytes that wait for their turn; holds no memory while it is empty.
class ByteQueue {
 public:
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return bytes_.capacity(); }
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data() + begin_, bytes_.size() - begin_}; }

  /// The popped are cleared away when they are at least as many as the others: each byte moves about once, and the
  /// queue is never much longer than what waits in it, even if it is never empty.
  void push(std::string_view bytes) {
    if (begin_ > 0 && begin_ >= bytes_.size() - begin_) {
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(begin_));
      begin_ = 0;
    }
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  /// Drops the first `count` of them.
  void pop(std::size_t count) {
    begin_ += count;
    if (begin_ != bytes_.size()) return;
    bytes_ = std::vector<char>();  // "= {}" would keep its memory
    begin_ = 0;
  }

 private:
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
};

}  // namespace tcpkit
