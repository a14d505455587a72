#include "serve_health.hpp"

using namespace tcpkit;

namespace {

ListenCounters counters_now() {
  const Result<ListenCounters> counters = read_listen_counters();
  return counters ? *counters : ListenCounters{};
}

std::optional<std::uint64_t> since(std::optional<std::uint64_t> now, std::optional<std::uint64_t> start) {
  if (!now || !start || *now < *start) return std::nullopt;
  return *now - *start;
}

}  // namespace

HealthWatch::HealthWatch(std::span<const Listener> listeners) : at_start_(counters_now()) {
  for (const Listener& listener : listeners) {
    sockets_.insert(sockets_.end(), listener.sockets.begin(), listener.sockets.end());
  }
}

Health HealthWatch::look() const {
  Health health;
  for (const int socket : sockets_) {
    const Result<AcceptQueue> queue = read_accept_queue(socket);
    if (queue && queue->drops) health.own_drops = health.own_drops.value_or(0) + *queue->drops;
    if (queue && (!health.queue || queue->waiting > health.queue->waiting)) health.queue = *queue;
  }
  const ListenCounters now = counters_now();
  health.overflows = since(now.overflows, at_start_.overflows);
  health.drops = since(now.drops, at_start_.drops);
  health.new_overflows = health.overflows.value_or(told_overflows_) - told_overflows_;
  health.new_drops = health.drops.value_or(told_drops_) - told_drops_;
  health.new_own_drops = health.own_drops.value_or(told_own_drops_) - told_own_drops_;
  return health;
}

std::optional<Health> HealthWatch::look_for_news() {
  const Health health = look();
  if (!health.queue || (health.new_overflows == 0 && health.new_drops == 0)) return std::nullopt;
  told_overflows_ += health.new_overflows;
  told_drops_ += health.new_drops;
  told_own_drops_ += health.new_own_drops;
  return health;
}
