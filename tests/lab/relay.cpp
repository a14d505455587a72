#include "lab/relay.hpp"

#include <algorithm>

#include <time.h>
#include <unistd.h>

namespace tcpkit::lab {
namespace {

constexpr int kBatch = 64;  // packets of one direction before the other has its turn

void deliver(DelayLine& line, int device, Counters& counters) {
  for (std::optional<Nanoseconds> due = line.next(); due; due = line.next()) {
    const Nanoseconds late = now() - *due;
    if (late < Nanoseconds::zero()) return;
    counters.latest = std::max(counters.latest, late);
    const std::span<const std::uint8_t> packet = line.take();
    if (::write(device, packet.data(), packet.size()) < 0) {
      ++counters[Drop::device];
    } else {
      counters.delivered.add(packet.size());
    }
  }
}

}  // namespace

Nanoseconds now() {
  timespec time = {};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return std::chrono::seconds(time.tv_sec) + Nanoseconds(time.tv_nsec);
}

Relay::Relay(int near_device, int far_device, const LabSettings& settings, std::uint64_t seed, std::size_t mtu)
    : out_{near_device, far_device, PathModel(settings.out, seed), DelayLine(mtu)},
      back_{far_device, near_device, PathModel(settings.back, seed + 1), DelayLine(mtu)},
      forget_idle_(settings.forget_idle) {}

void Relay::change(const LabSettings& settings) {
  out_.model.change(settings.out);
  back_.model.change(settings.back);
  forget_idle_ = settings.forget_idle;
}

void Relay::pass() {
  take_in(out_);
  take_in(back_);
  deliver(out_.line, out_.to, out_.counters);
  deliver(back_.line, back_.to, back_.counters);
}

std::optional<Nanoseconds> Relay::next() const {
  const std::optional<Nanoseconds> out = out_.line.next();
  const std::optional<Nanoseconds> back = back_.line.next();
  return out && back ? std::min(out, back) : out ? out : back;
}

void Relay::take_in(Direction& direction) {
  for (int i = 0; i < kBatch; ++i) {
    const std::span<std::uint8_t> room = direction.line.room();
    const ssize_t length = ::read(direction.from, room.data(), room.size());
    if (length <= 0) return;
    admit(direction, room.first(static_cast<std::size_t>(length)));
  }
}

void Relay::admit(Direction& direction, std::span<const std::uint8_t> packet) {
  const PacketFacts facts = read_packet(packet);
  if (facts.multicast) return;  // IPv6 looking for routers and listeners: there are none, and counters stay clear
  Counters& counters = direction.counters;
  counters.offered.add(packet.size());
  counters.with_data += facts.has_data ? 1 : 0;
  const Nanoseconds time = now();
  const bool known = forget_idle_ == Nanoseconds::zero() || memory_.admit(facts, time, forget_idle_);
  const Fate fate = known ? direction.model.offer(packet.size(), facts.has_data, time) : Fate{Drop::forgotten};
  if (fate.drop) {
    ++counters[*fate.drop];
    return;
  }
  counters.held_back += fate.held_back ? 1 : 0;
  direction.line.keep(packet.size(), fate.arrival);
}

}  // namespace tcpkit::lab
