#include "lab/settings.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/split.hpp"

namespace tcpkit::lab {
namespace {

constexpr Nanoseconds kLongestDelay = std::chrono::hours(1);
constexpr std::uint64_t kMostQueued = 1'000'000;  // packets: what a machine's memory takes

Result<Nanoseconds> parse_delay(std::string_view text) {
  return parse_duration(text, kLongestDelay);
}

Result<std::uint64_t> parse_rate(std::string_view text) {
  if (text == "none") return std::uint64_t{0};
  Result<std::uint64_t> rate = parse_bit_rate(text);
  if (rate && *rate == 0) return bad_value("a rate of 0 moves nothing: give \"down\", or \"none\" for no limit");
  return rate;
}

Result<QueueLimit> parse_queue(std::string_view text) {
  if (text.ends_with('p')) {
    const Result<std::uint64_t> packets = parse_unsigned(text.substr(0, text.size() - 1), 1, kMostQueued);
    return packets ? Result<QueueLimit>(QueueLimit{*packets, true}) : packets.error();
  }
  const Result<std::uint64_t> bytes = parse_bytes(text);
  if (!bytes) return bytes.error();
  if (*bytes == 0) return bad_value("a queue of 0 takes no packet");
  return QueueLimit{*bytes, false};
}

Result<std::uint64_t> parse_packet_size(std::string_view text) {
  if (text == "none") return std::uint64_t{UINT64_MAX};
  return parse_bytes(text);
}

Result<std::set<std::uint64_t>> parse_numbers(std::string_view text) {
  std::set<std::uint64_t> numbers;
  if (text == "none") return numbers;
  for (const std::string_view word : split(text, ',')) {
    const Result<std::uint64_t> number = parse_unsigned(word, 1, UINT64_MAX);
    if (!number) return number.error();
    numbers.insert(*number);
  }
  return numbers;
}

/// "OUT/BACK", or one value for both directions.
template <auto kMember, auto kParse>
Result<void> set_both(LabSettings& settings, std::string_view text) {
  const std::size_t slash = text.find('/');
  auto out = kParse(text.substr(0, slash));
  if (!out) return out.error();
  auto back = slash == std::string_view::npos ? out : kParse(text.substr(slash + 1));
  if (!back) return back.error();
  settings.out.*kMember = *out;
  settings.back.*kMember = *back;
  return {};
}

/// Unlike the others one list is for one direction: the same packets are seldom data both ways.
Result<void> set_lose(LabSettings& settings, std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto out = parse_numbers(text.substr(0, slash));
  if (!out) return out.error();
  const auto back = parse_numbers(slash == std::string_view::npos ? "none" : text.substr(slash + 1));
  if (!back) return back.error();
  settings.out.lose = {*out, settings.out.lose.generation + 1};
  settings.back.lose = {*back, settings.back.lose.generation + 1};
  return {};
}

Result<void> set_forget_idle(LabSettings& settings, std::string_view text) {
  const Result<Nanoseconds> idle = parse_duration(text);
  if (!idle) return idle.error();
  settings.forget_idle = *idle;
  return {};
}

template <bool kDown>
Result<void> set_down(LabSettings& settings, std::string_view) {
  settings.out.down = settings.back.down = kDown;
  return {};
}

constexpr auto kSettings = std::to_array<Setting>({
    {"delay", "D", "one way; twice of it is the round-trip time", set_both<&PathSettings::delay, parse_delay>},
    {"jitter", "D", "up to so much more for each packet; order is kept", set_both<&PathSettings::jitter, parse_delay>},
    {"rate", "RATE", "bits of IP packets a second, like 100M; none = no limit",
     set_both<&PathSettings::bits_per_second, parse_rate>},
    {"queue", "SIZE", "what may wait for the rate: bytes (256K) or packets (100p); 1000p unless given",
     set_both<&PathSettings::queue, parse_queue>},
    {"loss", "P%", "of packets, at random but the same with the same --seed",
     set_both<&PathSettings::loss, parse_percent>},
    {"lose", "N,M,...", "of the packets with data those with these numbers, from 1, near to far; none = no more",
     set_lose},
    {"reorder", "P%", "of packets are held back so that others overtake them",
     set_both<&PathSettings::reorder, parse_percent>},
    {"reorder-by", "D", "how long they are held back; 5ms unless given",
     set_both<&PathSettings::reorder_by, parse_delay>},
    {"drop-larger", "N", "IP packets of more bytes vanish and no ICMP says so; none = off",
     set_both<&PathSettings::drop_larger, parse_packet_size>},
    {"forget-idle", "D", "TCP flows idle for longer are forgotten: nothing of them passes until a SYN; 0 = off",
     set_forget_idle},
    {"down", "", "nothing passes", set_down<true>},
    {"up", "", "what passes without down", set_down<false>},
});

}  // namespace

std::span<const Setting> path_settings() {
  return kSettings;
}

const Setting* find_setting(std::string_view name) {
  const auto* const row = std::ranges::find(kSettings, name, &Setting::name);
  return row == kSettings.end() ? nullptr : row;
}

Result<std::uint32_t> parse_percent(std::string_view text) {
  constexpr std::size_t kMostDecimals = 4;  // down to one in a million
  const auto refuse = [&] {
    return bad_value(fmt::format("{} is not a share: give 0% to 100%, with up to {} decimals, like 0.1%", quote(text),
                                 kMostDecimals));
  };
  if (!text.ends_with('%')) return refuse();
  const std::string_view number = text.substr(0, text.size() - 1);
  const std::size_t point = number.find('.');
  const Result<std::uint64_t> whole = parse_unsigned(number.substr(0, point), 0, 100);
  const std::string_view decimals = point == std::string_view::npos ? "0" : number.substr(point + 1);
  if (!whole || decimals.empty() || decimals.size() > kMostDecimals) return refuse();
  // A 1 in front, because the parser takes a leading zero for octal; it ends as 10000 ten-thousandths.
  const std::string scaled = fmt::format("1{:0<{}}", decimals, kMostDecimals);
  const Result<std::uint64_t> part = parse_unsigned(scaled, 10'000, 19'999);
  if (!part) return refuse();
  const std::uint64_t share = *whole * 10'000 + *part - 10'000;
  if (share > kCertain) return refuse();
  return static_cast<std::uint32_t>(share);
}

}  // namespace tcpkit::lab
