#include "inspect_progress.hpp"

#include <utility>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>
#include <tcpkit/proc/socket_entry.hpp>

using namespace tcpkit;

namespace {

std::uint64_t rate(std::uint64_t bytes, std::chrono::microseconds time) {
  const double seconds = std::chrono::duration<double>(time).count();
  return seconds > 0 ? static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds) : 0;
}

}  // namespace

void ProgressWatch::next_round() {
  before_ = std::exchange(now_, {});
}

std::optional<Progress> ProgressWatch::look(const SocketEntry& entry, Clock::time_point now) {
  if (!entry.info || entry.state == SocketState::Listen) return std::nullopt;
  const auto acked = entry.info->get("bytes_acked");
  const auto received = entry.info->get("bytes_received");
  const auto again = entry.info->get("total_retrans");
  if (!acked || !received || !again) return std::nullopt;  // Linux before 4.1: nothing is known, not nothing was sent
  const Counters counters{now, *acked, *received, *again};
  now_.insert_or_assign(entry.cookie, counters);
  const auto found = before_.find(entry.cookie);
  if (found == before_.end()) return std::nullopt;
  const Counters& before = found->second;
  return Progress{std::chrono::duration_cast<std::chrono::microseconds>(now - before.at), counters.acked - before.acked,
                  counters.received - before.received, counters.retransmissions - before.retransmissions};
}

std::string progress_text(const Progress& progress) {
  constexpr std::uint64_t kBitsPerByte = 8;
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  const auto bits = [&](std::uint64_t bytes) { return format_bit_rate(rate(bytes, progress.time) * kBitsPerByte); };
  if (progress.acked_bytes > 0) add(bits(progress.acked_bytes) + " out");
  if (progress.received_bytes > 0) add(bits(progress.received_bytes) + " in");
  if (progress.retransmissions > 0) add(fmt::format("{} retransmitted just now", progress.retransmissions));
  return text;
}

Data progress_data(const std::optional<Progress>& progress) {
  if (!progress) return {};
  return {DataObject{{"interval_us", {std::int64_t{progress->time.count()}}},
                     {"acked_bytes_per_s", {rate(progress->acked_bytes, progress->time)}},
                     {"received_bytes_per_s", {rate(progress->received_bytes, progress->time)}},
                     {"retransmissions", {progress->retransmissions}}}};
}
