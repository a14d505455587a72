#include "probe_traffic.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <poll.h>
#include <sys/socket.h>

using namespace tcpkit;

namespace {

constexpr std::size_t kRoom = 65'536;

/// The stream that is sent: printable, and with no period short enough for bytes lost or sent twice to go unnoticed.
char byte_at(std::uint64_t offset) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
  const std::uint64_t round = offset / kLetters.size();
  return kLetters[(offset + round % kLetters.size() * round) % kLetters.size()];
}

bool would_wait(int errno_value) {
  return errno_value == EAGAIN || errno_value == EINTR;
}

}  // namespace

WatchTraffic::WatchTraffic(int socket, std::optional<std::uint64_t> echo_bytes)
    : socket_(socket), message_bytes_(echo_bytes), room_(std::make_unique<char[]>(kRoom)) {}

std::optional<WatchEnd> WatchTraffic::send_next(Clock::time_point now) {
  if (!message_bytes_ || returned_bytes_ < messages_ * *message_bytes_) return std::nullopt;
  ++messages_;
  begin_ = now;
  return write();
}

short WatchTraffic::events() const {
  const bool has_more = message_bytes_ && sent_bytes_ < messages_ * *message_bytes_;
  return static_cast<short>(has_more ? POLLIN | POLLOUT : POLLIN);
}

std::optional<WatchEnd> WatchTraffic::move() {
  if (auto end = read()) return end;
  return write();
}

std::optional<WatchEnd> WatchTraffic::write() {
  const std::uint64_t all = messages_ * message_bytes_.value_or(0);
  while (sent_bytes_ < all) {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(kRoom, all - sent_bytes_));
    for (std::size_t at = 0; at < length; ++at) room_[at] = byte_at(sent_bytes_ + at);
    const ssize_t sent = ::send(socket_, room_.get(), length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && would_wait(errno)) return std::nullopt;
    if (sent < 0) return WatchEnd{WatchEnding::Lost, errno};
    sent_bytes_ += static_cast<std::uint64_t>(sent);
  }
  return std::nullopt;
}

/// Not for ever: a peer that sends without a pause must not keep the looks from their time.
std::optional<WatchEnd> WatchTraffic::read() {
  constexpr int kMostReads = 64;
  for (int n = 0; n < kMostReads; ++n) {
    const ssize_t got = ::recv(socket_, room_.get(), kRoom, MSG_DONTWAIT);
    if (got == 0) return WatchEnd{WatchEnding::Closed};
    if (got < 0 && would_wait(errno)) return drop_notices(), std::nullopt;
    if (got < 0) return WatchEnd{WatchEnding::Lost, errno};
    if (!take(static_cast<std::uint64_t>(got))) return WatchEnd{WatchEnding::Differs};
  }
  return std::nullopt;
}

/// Some options, like timestamping, make the kernel queue notices, and poll(2) tells of them until they are read.
void WatchTraffic::drop_notices() {
  msghdr notice{};
  while (::recvmsg(socket_, &notice, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0) continue;
}

bool WatchTraffic::take(std::uint64_t bytes) {
  if (!message_bytes_) return true;
  if (bytes > sent_bytes_ - returned_bytes_) return false;
  for (std::uint64_t at = 0; at < bytes; ++at) {
    if (room_[at] != byte_at(returned_bytes_ + at)) return false;
  }
  returned_bytes_ += bytes;
  if (returned_bytes_ == messages_ * *message_bytes_) last_ = Clock::now() - begin_;
  return true;
}

std::optional<EchoNumbers> WatchTraffic::echo(Clock::time_point now) const {
  if (!message_bytes_) return std::nullopt;
  const std::uint64_t outstanding = messages_ * *message_bytes_ - returned_bytes_;
  EchoNumbers numbers{messages_, returned_bytes_ / *message_bytes_, outstanding, last_, std::nullopt};
  if (outstanding > 0) numbers.waited = now - begin_;
  return numbers;
}
