#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <tcpkit/base/units.hpp>

#include "support/catch.hpp"

using namespace tcpkit;
using namespace std::chrono_literals;
using namespace std::string_view_literals;

namespace {

template <class T>
std::string sentence(const Result<T>& result) {
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == Errc::bad_value);
  return describe(result.error());
}

constexpr std::array kNeverANumber = {
    ""sv,    " "sv,   "+1"sv,   "-"sv,   "--1"sv, "-0"sv,  "00"sv,       "010"sv,          "0x10"sv, " 1"sv,
    "1 "sv,  "1.0"sv, "80.5"sv, "1,0"sv, "1e3"sv, "1_0"sv, "\xd9\xa1"sv, "\xef\xbc\x91"sv, "1\0"sv,  "\0"sv,
    "1\n"sv, "ten"sv, "inf"sv,  "nan"sv, "1/2"sv, "0b1"sv, "1'0"sv,      "\xff"sv,
};

}  // namespace

TEST_CASE("whole numbers are read up to both ends of 64 bits") {
  CHECK(*parse_integer("0", 0, 9) == 0);
  CHECK(*parse_integer("65535", 1, 65535) == 65535);
  CHECK(*parse_integer("-1", -1, 1) == -1);
  CHECK(*parse_integer("9223372036854775807", INT64_MIN, INT64_MAX) == INT64_MAX);
  CHECK(*parse_integer("-9223372036854775808", INT64_MIN, INT64_MAX) == INT64_MIN);
  CHECK(*parse_unsigned("18446744073709551615", 0, UINT64_MAX) == UINT64_MAX);
  CHECK(*parse_unsigned("0", 0, 0) == 0);
}

TEST_CASE("a number just outside its range is refused") {
  CHECK_FALSE(parse_integer("0", 1, 65535));
  CHECK_FALSE(parse_integer("65536", 1, 65535));
  CHECK_FALSE(parse_integer("-2", -1, 1));
  CHECK_FALSE(parse_integer("9223372036854775808", INT64_MIN, INT64_MAX));
  CHECK_FALSE(parse_integer("-9223372036854775809", INT64_MIN, INT64_MAX));
  CHECK_FALSE(parse_integer("18446744073709551616", INT64_MIN, INT64_MAX));
  CHECK_FALSE(parse_unsigned("18446744073709551616", 0, UINT64_MAX));
  CHECK_FALSE(parse_unsigned("4", 5, 7));
  CHECK_FALSE(parse_unsigned("8", 5, 7));
  CHECK_FALSE(parse_unsigned("-1", 0, UINT64_MAX));
}

TEST_CASE("a minus sign is refused where no negative number is allowed") {
  CHECK_FALSE(parse_integer("-1", 0, 9));
  CHECK_FALSE(parse_integer("-0", 0, 9));
}

TEST_CASE("nothing but plain decimal digits is a number") {
  for (const auto text : kNeverANumber) {
    CAPTURE(escape(text));
    CHECK_FALSE(parse_integer(text, INT64_MIN, INT64_MAX));
    CHECK_FALSE(parse_unsigned(text, 0, UINT64_MAX));
    CHECK_FALSE(parse_bytes(text));
    CHECK_FALSE(parse_duration(text));
    CHECK_FALSE(parse_bit_rate(text));
  }
}

TEST_CASE("a refused number is quoted with the range that is allowed") {
  CHECK(sentence(parse_integer("80.5", 1, 65535)) == "\"80.5\" is not a whole number from 1 to 65535");
  CHECK(sentence(parse_integer("", 1, 65535)) == "\"\" is not a whole number from 1 to 65535");
  CHECK(sentence(parse_integer("x", -1, 1)) == "\"x\" is not a whole number from -1 to 1");
  CHECK(sentence(parse_unsigned("\x1b[2J", 0, 7)) == "\"\\x1b[2J\" is not a whole number from 0 to 7");
  CHECK(sentence(parse_integer("1\0"sv, 0, 7)) == "\"1\\x00\" is not a whole number from 0 to 7");
}

TEST_CASE("sizes know binary and decimal suffixes") {
  CHECK(*parse_bytes("0") == 0);
  CHECK(*parse_bytes("0K") == 0);
  CHECK(*parse_bytes("4096") == 4096);
  CHECK(*parse_bytes("1K") == 1024);
  CHECK(*parse_bytes("1KiB") == 1024);
  CHECK(*parse_bytes("1KB") == 1000);
  CHECK(*parse_bytes("4M") == 4194304);
  CHECK(*parse_bytes("4MiB") == 4194304);
  CHECK(*parse_bytes("4MB") == 4000000);
  CHECK(*parse_bytes("2G") == 2147483648);
  CHECK(*parse_bytes("2GiB") == 2147483648);
  CHECK(*parse_bytes("2GB") == 2000000000);
  CHECK(*parse_bytes("1T") == 1099511627776);
  CHECK(*parse_bytes("1TiB") == 1099511627776);
  CHECK(*parse_bytes("1TB") == 1000000000000);
}

TEST_CASE("sizes take suffixes only as they are written in the help") {
  for (const auto text : {"1k"sv, "1kB"sv, "1kb"sv, "1Kib"sv, "1Kb"sv, "1B"sv, "K"sv, "1 K"sv, "1KK"sv, "1KiBs"sv,
                          "1m"sv, "1P"sv, "1.5K"sv, "-1K"sv, "010K"sv, "1K\0"sv}) {
    CAPTURE(escape(text));
    CHECK_FALSE(parse_bytes(text));
  }
  CHECK(sentence(parse_bytes("1.5K")) ==
        "\"1.5K\" is not a size: give bytes, or a whole number with K M G T or KiB MiB GiB TiB (1024) "
        "or KB MB GB TB (1000)");
}

TEST_CASE("a size too large is refused, not wrapped") {
  CHECK(*parse_bytes("9223372036854775807") == INT64_MAX);
  CHECK_FALSE(parse_bytes("9223372036854775808"));
  CHECK(*parse_bytes("18446744073709551615", UINT64_MAX) == UINT64_MAX);
  CHECK_FALSE(parse_bytes("18446744073709551616", UINT64_MAX));
  CHECK_FALSE(parse_bytes("18446744073709551615K", UINT64_MAX));
  CHECK(*parse_bytes("16777215T", UINT64_MAX) == 16777215 * 1099511627776U);
  CHECK_FALSE(parse_bytes("16777216T", UINT64_MAX));  // exactly 2^64
  CHECK(*parse_bytes("64K", 65536) == 65536);
  CHECK(sentence(parse_bytes("65K", 65536)) == "\"65K\" is too large: at most 65536 bytes");
}

TEST_CASE("durations need a unit, except zero") {
  CHECK(*parse_duration("0") == 0ns);
  CHECK(*parse_duration("0s") == 0ns);
  CHECK(*parse_duration("7ns") == 7ns);
  CHECK(*parse_duration("250us") == 250us);
  CHECK(*parse_duration("200ms") == 200ms);
  CHECK(*parse_duration("5s") == 5s);
  CHECK(*parse_duration("30m") == 30min);
  CHECK(*parse_duration("1h") == 1h);
  for (const auto text : {"5"sv, "5S"sv, "5 s"sv, "s"sv, "5sec"sv, "5min"sv, "1h30m"sv, "5d"sv, "05s"sv, "1.5s"sv}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text));
  }
  CHECK(sentence(parse_duration("5")) ==
        "\"5\" is not a duration: give a whole number and a unit, like 250us 200ms 5s 30m 1h, or 0");
}

TEST_CASE("a duration too long is refused with the longest allowed one") {
  CHECK(*parse_duration("9223372036854775807ns") == Nanoseconds::max());
  CHECK_FALSE(parse_duration("9223372036854775808ns"));
  CHECK(*parse_duration("2562047h") == 2562047h);
  CHECK(sentence(parse_duration("2562048h")) == "\"2562048h\" is too long: at most about 292 years");
  CHECK(sentence(parse_duration("99999999999999999999h")) ==
        "\"99999999999999999999h\" is too long: at most about 292 years");
  CHECK(*parse_duration("32767s", 32767s) == 32767s);
  CHECK(sentence(parse_duration("32768s", 32767s)) == "\"32768s\" is too long: at most 32767s");
  CHECK(sentence(parse_duration("61m", 1h)) == "\"61m\" is too long: at most 1h");
  CHECK(sentence(parse_duration("600h", 2147483647ms)) == "\"600h\" is too long: at most 2147483647ms");
  CHECK(sentence(parse_duration("1ns", 0ns)) == "\"1ns\" is too long: at most 0");
}

TEST_CASE("bit rates are decimal, with or without bit") {
  CHECK(*parse_bit_rate("0") == 0);
  CHECK(*parse_bit_rate("9600") == 9600);
  CHECK(*parse_bit_rate("9600bit") == 9600);
  CHECK(*parse_bit_rate("1K") == 1000);
  CHECK(*parse_bit_rate("10M") == 10000000);
  CHECK(*parse_bit_rate("10Mbit") == 10000000);
  CHECK(*parse_bit_rate("8G") == 8000000000);
  CHECK(*parse_bit_rate("1Tbit") == 1000000000000);
  CHECK(*parse_bit_rate("18446744073709551615") == UINT64_MAX);
  for (const auto text : {"bit"sv, "Mbit"sv, "10Mbps"sv, "10Mbit/s"sv, "10m"sv, "10MiB"sv, "10bitbit"sv, "1.5G"sv}) {
    CAPTURE(text);
    CHECK_FALSE(parse_bit_rate(text));
  }
  CHECK(sentence(parse_bit_rate("fast")) ==
        "\"fast\" is not a bit rate: give bits per second, or a whole number with K M G T (1000), like 10M or 10Mbit");
  CHECK(sentence(parse_bit_rate("18446745T")) ==
        "\"18446745T\" is too large: at most 18446744073709551615 bits per second");
}

TEST_CASE("sizes are shown in the largest unit with three digits") {
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(1000) == "1000 B");
  CHECK(format_bytes(1023) == "1023 B");
  CHECK(format_bytes(1024) == "1 KiB");
  CHECK(format_bytes(1536) == "1.5 KiB");
  CHECK(format_bytes(87380) == "85.3 KiB");
  CHECK(format_bytes(131072) == "128 KiB");
  CHECK(format_bytes(212992) == "208 KiB");
  CHECK(format_bytes(3939840) == "3.76 MiB");
  CHECK(format_bytes(33554432) == "32 MiB");
  CHECK(format_bytes(1024 * 1024 * 1024) == "1 GiB");
  CHECK(format_bytes(UINT64_MAX) == "16777216 TiB");
}

TEST_CASE("a size that rounds up to the next digit or unit says so") {
  CHECK(format_bytes(10239) == "10 KiB");      // 9.999
  CHECK(format_bytes(102399) == "100 KiB");    // 99.999
  CHECK(format_bytes(1047552) == "1023 KiB");  // exact
  CHECK(format_bytes(1048575) == "1 MiB");     // 1023.999
  CHECK(format_bytes(1023949) == "1000 KiB");  // 999.95
}

TEST_CASE("durations are shown in the unit a reader expects") {
  CHECK(format_duration(0ns) == "0");
  CHECK(format_duration(1ns) == "1 ns");
  CHECK(format_duration(999ns) == "999 ns");
  CHECK(format_duration(1us) == "1 us");
  CHECK(format_duration(1500ns) == "1.5 us");
  CHECK(format_duration(83us) == "83 us");
  CHECK(format_duration(40200us) == "40.2 ms");
  CHECK(format_duration(200ms) == "200 ms");
  CHECK(format_duration(1030ms) == "1.03 s");
  CHECK(format_duration(1034567us) == "1.03 s");
  CHECK(format_duration(59940ms) == "59.9 s");
  CHECK(format_duration(119400ms) == "119.4 s");
  CHECK(format_duration(2min) == "2 min");
  CHECK(format_duration(134300ms) == "2 min 14 s");
  CHECK(format_duration(924600ms) == "15 min 25 s");
  CHECK(format_duration(7199s) == "119 min 59 s");
  CHECK(format_duration(2h) == "2 h");
  CHECK(format_duration(7875s) == "2 h 11 min");
  CHECK(format_duration(-40200us) == "-40.2 ms");
  CHECK(format_duration(Nanoseconds::max()) == "2562047 h 47 min");
  CHECK(format_duration(Nanoseconds::min()) == "-2562047 h 47 min");
}

TEST_CASE("a duration that rounds up to the next unit takes it") {
  CHECK(format_duration(999600ns) == "1 ms");
  CHECK(format_duration(999400ns) == "999 us");
  CHECK(format_duration(999999999ns) == "1 s");
  CHECK(format_duration(9999ms) == "10 s");
  CHECK(format_duration(119960ms) == "2 min");
  CHECK(format_duration(7199600ms) == "2 h");
}

TEST_CASE("bit rates keep three digits") {
  CHECK(format_bit_rate(0) == "0 bit/s");
  CHECK(format_bit_rate(999) == "999 bit/s");
  CHECK(format_bit_rate(1000) == "1.00 Kbit/s");
  CHECK(format_bit_rate(8000000000) == "8.00 Gbit/s");
  CHECK(format_bit_rate(12345678) == "12.3 Mbit/s");
  CHECK(format_bit_rate(940000000) == "940 Mbit/s");
  CHECK(format_bit_rate(9996000) == "10.0 Mbit/s");
  CHECK(format_bit_rate(99960000) == "100 Mbit/s");
  CHECK(format_bit_rate(999999) == "1.00 Mbit/s");
  CHECK(format_bit_rate(UINT64_MAX) == "18446744 Tbit/s");
}

TEST_CASE("escaped bytes are safe for a terminal") {
  CHECK(escape("plain ~ text") == "plain ~ text");
  CHECK(escape("a\\b") == "a\\\\b");
  CHECK(escape("\n\r\t") == "\\n\\r\\t");
  CHECK(escape("\x1b[31m\x7f\xc3\xa9\0"sv) == "\\x1b[31m\\x7f\\xc3\\xa9\\x00");
  CHECK(escape("") == "");
}

TEST_CASE("a long text is cut after so many of its own bytes") {
  CHECK(escape("abcdef", 6) == "abcdef");
  CHECK(escape("abcdefg", 6) == "abcdef...");
  CHECK(escape("\n\n\n", 2) == "\\n\\n...");
  CHECK(escape(std::string(1000, 'x'), 0).size() == 1000);
  CHECK(quote(std::string(64, 'x')) == "\"" + std::string(64, 'x') + "\"");
  CHECK(quote(std::string(65, 'x')) == "\"" + std::string(64, 'x') + "...\"");
}

TEST_CASE("unescaping gives the bytes that a text stands for") {
  const auto bytes = [](std::string_view text) {
    const auto unescaped = tcpkit::unescape(text);
    REQUIRE(unescaped);
    return *unescaped;
  };
  CHECK(bytes("").empty());
  CHECK(bytes("plain /text/") == "plain /text/");
  CHECK(bytes(R"(PING\r\n)") == "PING\r\n");
  CHECK(bytes(R"(\t\0\\\x41\xfF)") == std::string("\t\0\\A\xff", 5));
  CHECK(bytes(R"(\\n)") == "\\n");
  CHECK(bytes(R"(\x411)") == "A1");
  CHECK(bytes(R"(\00)") == std::string("\0", 1) + "0");
}

TEST_CASE("unescaping refuses an unknown escape and says where it is") {
  for (const std::string_view text :
       {R"(ab\q)", R"(ab\)", R"(ab\x)", R"(ab\x1)", R"(ab\xg0)", R"(ab\x0g)", R"(ab\N)"}) {
    const auto refused = tcpkit::unescape(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == tcpkit::Errc::bad_value);
    CHECK(refused.error().doing.find("has an unknown escape at byte 2") != std::string::npos);
  }
}

TEST_CASE("unescaping undoes escaping, for every byte") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  const auto back = tcpkit::unescape(tcpkit::escape(all));
  REQUIRE(back);
  CHECK(*back == all);
}
