#include "lab/path_model.hpp"

#include <algorithm>

namespace tcpkit::lab {

void PathModel::change(const PathSettings& settings) {
  if (settings.lose.generation != settings_.lose.generation) data_packets_ = 0;
  settings_ = settings;
}

Fate PathModel::offer(std::size_t bytes, bool has_data, Nanoseconds now) {
  if (const std::optional<Drop> drop = lost(bytes, has_data)) return {drop};
  if (queue_is_full(bytes, now)) return {Drop::queue};
  const Nanoseconds arrival = send(bytes, now) + settings_.delay + jitter();
  if (happens(settings_.reorder)) return {{}, arrival + settings_.reorder_by, true};
  last_arrival_ = std::max(last_arrival_, arrival);
  return {{}, last_arrival_};
}

std::optional<Drop> PathModel::lost(std::size_t bytes, bool has_data) {
  if (has_data) ++data_packets_;
  if (settings_.down) return Drop::down;
  if (bytes > settings_.drop_larger) return Drop::larger;
  if (has_data && settings_.lose.numbers.contains(data_packets_)) return Drop::listed;
  return happens(settings_.loss) ? std::optional(Drop::loss) : std::nullopt;
}

bool PathModel::queue_is_full(std::size_t bytes, Nanoseconds now) {
  while (!queue_.empty() && queue_.front().sent <= now) {
    queued_bytes_ -= queue_.front().bytes;
    queue_.pop_front();
  }
  const std::uint64_t wanted = settings_.queue.in_packets ? queue_.size() + 1 : queued_bytes_ + bytes;
  return wanted > settings_.queue.amount;
}

/// When its last bit has left.
Nanoseconds PathModel::send(std::size_t bytes, Nanoseconds now) {
  constexpr std::uint64_t kBitsTimesNanoseconds = 8'000'000'000;
  if (settings_.bits_per_second == 0) return now;
  const std::uint64_t rate = settings_.bits_per_second;
  const Nanoseconds duration((bytes * kBitsTimesNanoseconds + rate - 1) / rate);  // rounded up: never faster than asked
  idle_from_ = std::max(idle_from_, now) + duration;
  queue_.push_back({idle_from_, bytes});
  queued_bytes_ += bytes;
  return idle_from_;
}

/// Not a std distribution: those give other numbers with another library.
bool PathModel::happens(std::uint32_t share) {
  return share != 0 && random_() % kCertain < share;
}

Nanoseconds PathModel::jitter() {
  if (settings_.jitter == Nanoseconds::zero()) return {};
  return Nanoseconds(random_() % static_cast<std::uint64_t>(settings_.jitter.count() + 1));
}

}  // namespace tcpkit::lab
