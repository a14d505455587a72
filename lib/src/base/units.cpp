#include <tcpkit/base/units.hpp>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <optional>
#include <span>

#include <fmt/format.h>

namespace tcpkit {
namespace {

struct Suffix {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::uint64_t kKibi = 1024;
constexpr std::uint64_t kKilo = 1000;

constexpr std::array<Suffix, 13> kByteSuffixes = {{
    {"", 1},
    {"K", kKibi},
    {"M", kKibi* kKibi},
    {"G", kKibi* kKibi* kKibi},
    {"T", kKibi* kKibi* kKibi* kKibi},
    {"KiB", kKibi},
    {"MiB", kKibi* kKibi},
    {"GiB", kKibi* kKibi* kKibi},
    {"TiB", kKibi* kKibi* kKibi* kKibi},
    {"KB", kKilo},
    {"MB", kKilo* kKilo},
    {"GB", kKilo* kKilo* kKilo},
    {"TB", kKilo* kKilo* kKilo* kKilo},
}};

constexpr std::array<Suffix, 5> kRateSuffixes = {{
    {"", 1},
    {"K", kKilo},
    {"M", kKilo* kKilo},
    {"G", kKilo* kKilo* kKilo},
    {"T", kKilo* kKilo* kKilo* kKilo},
}};

constexpr std::uint64_t kMicrosecond = 1'000;
constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::uint64_t kMinute = 60 * kSecond;
constexpr std::uint64_t kHour = 60 * kMinute;

constexpr std::array<Suffix, 6> kDurationSuffixes = {{
    {"h", kHour},
    {"m", kMinute},
    {"s", kSecond},
    {"ms", kMillisecond},
    {"us", kMicrosecond},
    {"ns", 1},
}};

/// A well-formed amount; `overflow` when it is beyond 64 bits, and then `value` means nothing.
struct Amount {
  std::uint64_t value = 0;
  bool overflow = false;

  [[nodiscard]] bool exceeds(std::uint64_t max) const { return overflow || value > max; }
};

/// Decimal digits and nothing else; a leading zero could be meant as octal and is refused.
std::optional<Amount> read_digits(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return {};
  if (text.size() > 1 && text.front() == '0') return {};
  Amount amount;
  const auto outcome = std::from_chars(text.data(), text.data() + text.size(), amount.value);
  amount.overflow = outcome.ec != std::errc{};
  return amount;
}

/// Digits and one of the suffixes, multiplied out.
std::optional<Amount> read_amount(std::string_view text, std::span<const Suffix> suffixes) {
  const auto split = std::min(text.find_first_not_of("0123456789"), text.size());
  auto amount = read_digits(text.substr(0, split));
  const auto suffix = std::ranges::find(suffixes, text.substr(split), &Suffix::name);
  if (!amount || suffix == suffixes.end()) return {};
  if (amount->exceeds(UINT64_MAX / suffix->factor)) return Amount{0, true};
  amount->value *= suffix->factor;
  return amount;
}

/// A duration the way it would be typed: the largest unit that gives a whole number.
std::string spell(Nanoseconds duration) {
  if (duration == Nanoseconds::max()) return "about 292 years";
  const auto count = static_cast<std::uint64_t>(duration.count());
  const auto unit = std::ranges::find_if(kDurationSuffixes, [&](const Suffix& s) { return count % s.factor == 0; });
  return count == 0 ? "0" : fmt::format("{}{}", count / unit->factor, unit->name);
}

std::uint64_t magnitude(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return value < 0 ? 0 - bits : bits;  // also right for INT64_MIN, which has no positive twin
}

/// value / 10^decimals.
std::string fixed_point(std::uint64_t value, int decimals) {
  auto digits = fmt::format("{:0{}}", value, decimals + 1);
  if (decimals > 0) digits.insert(digits.size() - static_cast<std::size_t>(decimals), 1, '.');
  return digits;
}

std::string without_trailing_zeros(std::string number) {
  if (number.find('.') == std::string::npos) return number;
  number.erase(number.find_last_not_of('0') + 1);
  if (number.back() == '.') number.pop_back();
  return number;
}

struct Rounded {
  std::string number;
  std::string_view unit;
};

/// `value` in the largest of the units (ascending, each `base` times the one before) that leaves it at least
/// one, with three significant digits; what rounds up to the next unit takes that unit. The units end at
/// tera, so that the remainder times 100 fits 64 bits.
Rounded scale_down(std::uint64_t value, std::uint64_t base, std::span<const std::string_view> units) {
  if (value < base) return {fmt::format("{}", value), units.front()};
  std::size_t index = 0;
  std::uint64_t size = 1;
  for (; index + 1 < units.size() && value / size >= base; ++index) size *= base;
  for (std::uint64_t power = 100, decimals = 2; power > 1; power /= 10, --decimals) {
    const auto scaled = value / size * power + (value % size * power + size / 2) / size;
    if (scaled < 1000) return {fixed_point(scaled, static_cast<int>(decimals)), units[index]};
  }
  const auto whole = value / size + (value % size >= size / 2 ? 1 : 0);
  if (whole == base && index + 1 < units.size()) return {"1.00", units[index + 1]};
  return {fmt::format("{}", whole), units[index]};
}

/// To three significant digits, but to no less than a tenth of a second.
std::uint64_t round_duration(std::uint64_t ns) {
  std::uint64_t step = 1;
  while (ns / step >= 1000 && step < kSecond / 10) step *= 10;
  return (ns + step / 2) / step * step;
}

std::string in_decimals(std::uint64_t ns) {
  if (ns < kMicrosecond) return fmt::format("{} ns", ns);
  if (ns < kMillisecond) return without_trailing_zeros(fixed_point(ns, 3)) + " us";
  if (ns < kSecond) return without_trailing_zeros(fixed_point(ns, 6)) + " ms";
  return without_trailing_zeros(fixed_point(ns, 9)) + " s";
}

std::string in_two_units(std::uint64_t count, std::string_view large, std::string_view small) {
  if (count % 60 == 0) return fmt::format("{} {}", count / 60, large);
  return fmt::format("{} {} {} {}", count / 60, large, count % 60, small);
}

bool is_shown(char byte) {
  return byte >= 0x20 && byte <= 0x7e;
}

void append_escaped(std::string& out, char byte) {
  static constexpr std::string_view kSpecial = "\\\n\r\t";
  static constexpr std::string_view kLetter = "\\nrt";
  if (const auto at = kSpecial.find(byte); at != std::string_view::npos) {
    (out += '\\') += kLetter[at];
  } else if (is_shown(byte)) {
    out += byte;
  } else {
    out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  }
}

struct Unescaped {
  char byte;
  std::size_t length;  // of the text that stands for it
};

std::optional<unsigned> hex_digit(char letter) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto at = kDigits.find(letter >= 'A' && letter <= 'F' ? static_cast<char>(letter - 'A' + 'a') : letter);
  return at == std::string_view::npos ? std::nullopt : std::optional(static_cast<unsigned>(at));
}

/// The escape that `text` begins with.
std::optional<Unescaped> unescape_one(std::string_view text) {
  constexpr std::string_view kLetter = "\\nrt0";
  constexpr std::string_view kMeaning("\\\n\r\t\0", kLetter.size());
  if (text.size() < 2) return std::nullopt;
  if (const auto at = kLetter.find(text[1]); at != std::string_view::npos) return Unescaped{kMeaning[at], 2};
  if (text[1] != 'x' || text.size() < 4) return std::nullopt;
  const auto high = hex_digit(text[2]);
  const auto low = hex_digit(text[3]);
  if (!high || !low) return std::nullopt;
  return Unescaped{static_cast<char>(*high * 16 + *low), 4};
}

}  // namespace

Result<std::int64_t> parse_integer(std::string_view text, std::int64_t min, std::int64_t max) {
  assert(min <= max);
  const bool negative = text.starts_with('-');
  const auto amount = read_digits(text.substr(negative ? 1 : 0));
  const auto largest = magnitude(negative ? INT64_MIN : INT64_MAX);
  if (amount && !amount->exceeds(largest) && !(negative && amount->value == 0)) {
    const auto value = static_cast<std::int64_t>(negative ? 0 - amount->value : amount->value);
    if (value >= min && value <= max) return value;
  }
  return bad_value(fmt::format("{} is not a whole number from {} to {}", quote(text), min, max));
}

Result<std::uint64_t> parse_unsigned(std::string_view text, std::uint64_t min, std::uint64_t max) {
  assert(min <= max);
  const auto amount = read_digits(text);
  if (amount && amount->value >= min && !amount->exceeds(max)) return amount->value;
  return bad_value(fmt::format("{} is not a whole number from {} to {}", quote(text), min, max));
}

Result<std::uint64_t> parse_bytes(std::string_view text, std::uint64_t max) {
  const auto amount = read_amount(text, kByteSuffixes);
  if (!amount) {
    return bad_value(
        fmt::format("{} is not a size: give bytes, or a whole number with K M G T or KiB MiB GiB TiB (1024) "
                    "or KB MB GB TB (1000)",
                    quote(text)));
  }
  if (amount->exceeds(max)) {
    return bad_value(fmt::format("{} is too large: at most {} bytes", quote(text), max));
  }
  return amount->value;
}

Result<Nanoseconds> parse_duration(std::string_view text, Nanoseconds max) {
  assert(max >= Nanoseconds::zero());
  const auto amount = text == "0" ? Amount{} : read_amount(text, kDurationSuffixes);
  if (!amount) {
    return bad_value(fmt::format(
        "{} is not a duration: give a whole number and a unit, like 250us 200ms 5s 30m 1h, or 0", quote(text)));
  }
  if (amount->exceeds(static_cast<std::uint64_t>(max.count()))) {
    return bad_value(fmt::format("{} is too long: at most {}", quote(text), spell(max)));
  }
  return Nanoseconds(static_cast<std::int64_t>(amount->value));
}

Result<std::uint64_t> parse_bit_rate(std::string_view text) {
  const auto number = text.substr(0, text.size() - (text.ends_with("bit") ? 3 : 0));
  const auto amount = read_amount(number, kRateSuffixes);
  if (!amount) {
    return bad_value(fmt::format(
        "{} is not a bit rate: give bits per second, or a whole number with K M G T (1000), like 10M or 10Mbit",
        quote(text)));
  }
  if (amount->overflow) {
    return bad_value(fmt::format("{} is too large: at most {} bits per second", quote(text), UINT64_MAX));
  }
  return amount->value;
}

std::string format_bytes(std::uint64_t bytes) {
  static constexpr std::array<std::string_view, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  const auto rounded = scale_down(bytes, kKibi, kUnits);
  return fmt::format("{} {}", without_trailing_zeros(rounded.number), rounded.unit);
}

std::string format_duration(Nanoseconds duration) {
  const auto ns = magnitude(duration.count());
  const std::string sign = duration.count() < 0 ? "-" : "";
  if (ns == 0) return "0";
  if (const auto rounded = round_duration(ns); rounded < 2 * kMinute) return sign + in_decimals(rounded);
  const auto seconds = (ns + kSecond / 2) / kSecond;
  if (seconds < 2 * kHour / kSecond) return sign + in_two_units(seconds, "min", "s");
  return sign + in_two_units((ns + kMinute / 2) / kMinute, "h", "min");
}

std::string format_bit_rate(std::uint64_t bits_per_second) {
  static constexpr std::array<std::string_view, 5> kUnits = {"bit/s", "Kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"};
  const auto rounded = scale_down(bits_per_second, kKilo, kUnits);
  return fmt::format("{} {}", rounded.number, rounded.unit);
}

std::string escape(std::string_view bytes, std::size_t limit) {
  const bool cut = limit != 0 && bytes.size() > limit;
  const auto is_plain = [](char byte) { return is_shown(byte) && byte != '\\'; };
  if (!cut && std::ranges::all_of(bytes, is_plain)) return std::string(bytes);  // nearly always, in long lists
  std::string out;
  for (const char byte : cut ? bytes.substr(0, limit) : bytes) append_escaped(out, byte);
  return cut ? out + "..." : out;
}

Result<std::string> unescape(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      bytes += text[at++];
      continue;
    }
    const std::optional<Unescaped> one = unescape_one(text.substr(at));
    if (!one) {
      return bad_value(fmt::format("{} has an unknown escape at byte {}: \\r \\n \\t \\0 \\\\ and \\xNN are allowed",
                                   quote(text), at));
    }
    bytes += one->byte;
    at += one->length;
  }
  return bytes;
}

std::string printable(std::string_view bytes) {
  if (std::ranges::all_of(bytes, is_shown)) return std::string(bytes);  // nearly always, in long lists
  std::string out;
  out.reserve(bytes.size());
  for (const char byte : bytes) {
    if (is_shown(byte)) {
      out += byte;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
    }
  }
  return out;
}

std::string quote(std::string_view bytes) {
  static constexpr std::size_t kLongestShown = 64;
  return fmt::format("\"{}\"", escape(bytes, kLongestShown));
}

}  // namespace tcpkit
