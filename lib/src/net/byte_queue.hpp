#pragma once

#include <string_view>
#include <vector>

namespace tcpkit {

/// Bytes that wait for their turn; holds no memory while it is empty.
class ByteQueue {
 public:
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data() + begin_, bytes_.size() - begin_}; }

  void push(std::string_view bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  /// Drops the first `count` of them.
  void pop(std::size_t count) {
    begin_ += count;
    if (begin_ != bytes_.size()) return;
    bytes_ = {};
    begin_ = 0;
  }

 private:
  std::vector<char> bytes_;
  std::size_t begin_ = 0;
};

}  // namespace tcpkit
