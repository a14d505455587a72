#include <tcpkit/sock/unit.hpp>

#include <chrono>
#include <limits>
#include <optional>
#include <type_traits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <tcpkit/base/units.hpp>

namespace tcpkit {
namespace {

/// One of the unit in nanoseconds; nothing for what is not a time.
std::optional<std::uint64_t> nanoseconds_in(Unit unit) {
  switch (unit) {
    case Unit::Nanoseconds:
      return 1;
    case Unit::Microseconds:
      return 1'000;
    case Unit::Milliseconds:
      return 1'000'000;
    case Unit::Seconds:
      return 1'000'000'000;
    default:
      return std::nullopt;
  }
}

/// The duration as a reader would say it; empty when that would only repeat the number in its own unit, or when it is
/// beyond what nanoseconds hold.
std::string spoken_duration(std::uint64_t count, Unit unit) {
  const auto each = nanoseconds_in(unit);
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!each || count == 0 || count > kMost / *each) return {};
  std::string spoken = format_duration(Nanoseconds(static_cast<std::int64_t>(count * *each)));
  const std::string own_unit = fmt::format(" {}", unit_name(unit));
  const bool one_word = spoken.find(' ') == spoken.rfind(' ');
  return one_word && spoken.ends_with(own_unit) ? std::string{} : spoken;
}

/// Rates of the kernel are bytes, those of links are bits: the reader gets both.
std::string spoken_rate(std::uint64_t bytes_per_second) {
  if (bytes_per_second < 125 || bytes_per_second > std::numeric_limits<std::uint64_t>::max() / 8) return {};
  return format_bit_rate(bytes_per_second * 8);
}

std::string format_count(std::uint64_t count, Unit unit) {
  if (unit == Unit::None) return std::to_string(count);
  if (unit == Unit::Bytes && count >= 1024) return fmt::format("{} ({})", count, format_bytes(count));
  const std::string spoken = unit == Unit::BytesPerSecond ? spoken_rate(count) : spoken_duration(count, unit);
  const std::string plain = fmt::format("{} {}", count, unit_name(unit));
  return spoken.empty() ? plain : fmt::format("{} ({})", plain, spoken);
}

std::string format_number(std::int64_t number, Unit unit) {
  if (number >= 0) return format_count(static_cast<std::uint64_t>(number), unit);
  if (unit == Unit::None) return std::to_string(number);
  return fmt::format("{} {}", number, unit_name(unit));
}

std::string format_members(const Structure& members) {
  std::string text;
  for (const Member& member : members) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", member.name, member.value);
  }
  return text;
}

}  // namespace

std::string_view unit_name(Unit unit) noexcept {
  switch (unit) {
    case Unit::None:
      return "";
    case Unit::Bytes:
      return "bytes";
    case Unit::BytesPerSecond:
      return "bytes/s";
    case Unit::Seconds:
      return "s";
    case Unit::Milliseconds:
      return "ms";
    case Unit::Microseconds:
      return "us";
    case Unit::Nanoseconds:
      return "ns";
    case Unit::Segments:
      return "segments";
    case Unit::Packets:
      return "packets";
    case Unit::Hops:
      return "hops";
    case Unit::Connections:
      return "connections";
    case Unit::Count:
      return "times";
    case Unit::Percent:
      return "%";
    case Unit::Ports:
      return "ports";
    case Unit::Pages:
      return "pages";
  }
  return "";
}

std::string format_value(const Value& value, Unit unit) {
  const auto text = [unit](const auto& held) -> std::string {
    using Held = std::decay_t<decltype(held)>;
    if constexpr (std::is_same_v<Held, bool>) return held ? "on" : "off";
    if constexpr (std::is_same_v<Held, std::int64_t>) return format_number(held, unit);
    if constexpr (std::is_same_v<Held, std::uint64_t>) return format_count(held, unit);
    if constexpr (std::is_same_v<Held, std::string>) return held.empty() ? "\"\"" : escape(held);
    if constexpr (std::is_same_v<Held, Numbers>) return fmt::format("{}", fmt::join(held, " "));
    if constexpr (std::is_same_v<Held, Structure>) return format_members(held);
  };
  return std::visit(text, value);
}

}  // namespace tcpkit
