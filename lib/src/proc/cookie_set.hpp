#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace tcpkit {

/// Cookies of sockets: 16 to 32 bytes each and no allocation apiece, for hosts with a million of them.
class CookieSet {
 public:
  /// Whether it was not there. 0 is no cookie, and always new.
  bool insert(std::uint64_t cookie) {
    if (cookie == 0) return true;
    if ((count_ + 1) * 2 > places_.size()) grow();
    std::uint64_t& place = place_of(cookie);
    if (place == cookie) return false;
    place = cookie;
    ++count_;
    return true;
  }

 private:
  /// Its own, or the free one where it belongs.
  std::uint64_t& place_of(std::uint64_t cookie) {
    constexpr std::uint64_t kGolden = 0x9e37'79b9'7f4a'7c15;  // spreads numbers that were given out one after another
    const std::size_t mask = places_.size() - 1;
    std::size_t at = (cookie * kGolden) >> 32 & mask;
    while (places_[at] != 0 && places_[at] != cookie) at = (at + 1) & mask;
    return places_[at];
  }

  void grow() {
    const auto old = std::exchange(places_, std::vector<std::uint64_t>(places_.empty() ? 64 : places_.size() * 2));
    for (const std::uint64_t cookie : old) {
      if (cookie != 0) place_of(cookie) = cookie;
    }
  }

  std::vector<std::uint64_t> places_;  // a power of two of them, at most half of them taken
  std::size_t count_ = 0;
};

}  // namespace tcpkit
