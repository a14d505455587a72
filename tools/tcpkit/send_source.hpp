#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <tcpkit/net/exchange.hpp>

#include "send_plan.hpp"

/// The message of a run: an argument, a file or standard input, opened before anybody is connected to. Movable.
class Message final : public tcpkit::ByteSource {
 public:
  /// What can be read only once is read whole here if it is to be sent `again`, until `deadline` at most. The text of
  /// `source` outlives this.
  static tcpkit::Result<Message> open(const MessageSource& source, bool again, tcpkit::Clock::time_point deadline);

  /// All its bytes at once, kMostRequestBytes at most.
  static tcpkit::Result<std::string> read_whole(const MessageSource& source, tcpkit::Clock::time_point deadline);

  [[nodiscard]] int descriptor() const noexcept override;
  tcpkit::Result<std::size_t> read(std::span<char> room) override;

  /// Back to its first byte.
  void rewind();

 private:
  struct Closer {
    void operator()(const int* descriptor) const;
  };

  Message() = default;
  static tcpkit::Result<Message> open_file(const std::string& path);
  static tcpkit::Result<Message> open_standard_input();
  tcpkit::Result<void> keep_whole(tcpkit::Clock::time_point deadline);
  tcpkit::Result<std::string> read_to_end(tcpkit::Clock::time_point deadline);

  std::unique_ptr<int, Closer> file_;  // nothing: the text
  bool seekable_ = false;
  std::string doing_;
  std::string_view text_;
  std::unique_ptr<std::string> whole_;  // at a fixed place, for text_ is of it
  std::size_t at_ = 0;
};
