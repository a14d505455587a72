#include "inspect_order.hpp"

#include <algorithm>
#include <utility>

using namespace tcpkit;

namespace {

std::optional<std::uint64_t> info_number(const SocketEntry& entry, std::string_view field) {
  return entry.info ? entry.info->get(field) : std::nullopt;
}

/// Whether `a` is shown before `b`. The cookie makes the order of equal ones the same in every run.
struct ComesFirst {
  SortKey key;

  bool operator()(const Match& a, const Match& b) const {
    const auto of_a = sort_number(a.entry, key);
    const auto of_b = sort_number(b.entry, key);
    return of_a != of_b ? of_a > of_b : a.entry.cookie < b.entry.cookie;
  }
};

}  // namespace

std::optional<std::uint64_t> sort_number(const SocketEntry& entry, SortKey key) {
  switch (key) {
    case SortKey::Rtt:
      return info_number(entry, "rtt");
    case SortKey::Retransmissions:
      return info_number(entry, "total_retrans");
    case SortKey::ReceiveQueue:
      return entry.receive_queue;
    case SortKey::SendQueue:
      return entry.send_queue;
    case SortKey::None:
      break;
  }
  return std::nullopt;
}

void KeptMatches::add(Match match) {
  const ComesFirst comes_first{key_};
  if (matches_.size() >= top_) {
    if (!comes_first(match, matches_.front())) return;
    std::ranges::pop_heap(matches_, comes_first);
    matches_.pop_back();
  }
  matches_.push_back(std::move(match));
  if (top_ != UINT64_MAX) std::ranges::push_heap(matches_, comes_first);
}

std::vector<Match> KeptMatches::take() {
  if (key_ != SortKey::None) std::ranges::sort(matches_, ComesFirst{key_});
  return std::exchange(matches_, {});
}
