#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>

/// The one strict parser of numbers, sizes, durations and rates, and the matching formatters.
///
/// Every parser takes the whole text or fails with Errc::bad_value and a sentence that quotes the text
/// (escaped) and says what is allowed. No octal, hex, white space, '+', fractions, exponents or non-ASCII
/// digits; overflow is an error, never a wrap or a saturation. Thread-safe: all functions are pure.
namespace tcpkit {

using Nanoseconds = std::chrono::nanoseconds;

/// A decimal whole number in [min, max]. '-' is accepted only when min is negative. "007" is refused.
[[nodiscard]] TCPKIT_API Result<std::int64_t> parse_integer(std::string_view text, std::int64_t min, std::int64_t max);

/// As parse_integer, for the upper half of 64 bits.
[[nodiscard]] TCPKIT_API Result<std::uint64_t> parse_unsigned(std::string_view text, std::uint64_t min,
                                                              std::uint64_t max);

/// Bytes: a plain number, or with K M G T / KiB MiB GiB TiB (1024) or KB MB GB TB (1000). At most `max`.
[[nodiscard]] TCPKIT_API Result<std::uint64_t> parse_bytes(std::string_view text, std::uint64_t max = INT64_MAX);

/// A duration with a unit (ns us ms s m h), or a bare 0. At most `max`, which is about 292 years unless told.
[[nodiscard]] TCPKIT_API Result<Nanoseconds> parse_duration(std::string_view text,
                                                            Nanoseconds max = Nanoseconds::max());

/// Bits per second: a plain number, or with K M G T (1000-based, as link rates are), optionally followed by "bit".
[[nodiscard]] TCPKIT_API Result<std::uint64_t> parse_bit_rate(std::string_view text);

/// "131072 (128 KiB)"-style text without the brackets: 131072 -> "128 KiB", 1000 -> "1000 B", 3939840 -> "3.76 MiB".
/// Three significant digits in the largest unit up to TiB, no trailing zeros.
[[nodiscard]] TCPKIT_API std::string format_bytes(std::uint64_t bytes);

/// The unit a reader expects: "0", "83 us", "40.2 ms", "1.03 s", "15 min 25 s", "2 h 11 min". In ns, us, ms or s with
/// three significant digits (four from 100 s on) and no trailing zeros; from 2 min on rounded to the second, from
/// 2 h on to the minute.
[[nodiscard]] TCPKIT_API std::string format_duration(Nanoseconds duration);

/// "8.00 Gbit/s" from bits per second: a measurement, so always three significant digits; below 1000 the exact number.
[[nodiscard]] TCPKIT_API std::string format_bit_rate(std::uint64_t bits_per_second);

/// Bytes from elsewhere made safe for a terminal: printable ASCII stays, a backslash is doubled, everything
/// else becomes \n \r \t or \xNN. Of a text longer than `limit` bytes (0 = no limit) only so many are shown, and "...".
[[nodiscard]] TCPKIT_API std::string escape(std::string_view bytes, std::size_t limit = 0);

/// The bytes that a text with \r \n \t \0 \\ and \xNN stands for. Fails with Errc::bad_value on any other escape.
[[nodiscard]] TCPKIT_API Result<std::string> unescape(std::string_view text);

/// The last line of defence for a terminal: every byte that is not printable ASCII becomes \xNN. Unlike escape() it
/// leaves backslashes alone, so that text which was escaped where it came in is not escaped twice.
[[nodiscard]] TCPKIT_API std::string printable(std::string_view bytes);

/// escape() between double quotes, cut to 64 bytes: how error lines show what the user typed.
[[nodiscard]] TCPKIT_API std::string quote(std::string_view bytes);

}  // namespace tcpkit
