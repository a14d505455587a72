#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <string_view>

#include <tcpkit/base/units.hpp>
#include <tcpkit/net/listen_address.hpp>

#include "support/catch.hpp"

using namespace tcpkit;
using namespace std::string_literals;
using namespace std::string_view_literals;

namespace {

constexpr int kInputs = 200'000;
constexpr std::uint64_t kSeed = 20'240'229;  // any number: a failure must be there again on the next run

using Suffixes = std::map<std::string_view, std::uint64_t>;

// Written out a second time, apart from the parser's tables, to catch a wrong factor there.
const Suffixes kBytes = {{"", 1},
                         {"K", 1024},
                         {"KiB", 1024},
                         {"KB", 1000},
                         {"M", 1048576},
                         {"MiB", 1048576},
                         {"MB", 1000000},
                         {"G", 1073741824},
                         {"GiB", 1073741824},
                         {"GB", 1000000000},
                         {"T", 1099511627776},
                         {"TiB", 1099511627776},
                         {"TB", 1000000000000}};
const Suffixes kRates = {{"", 1},    {"K", 1000},    {"M", 1000000},    {"G", 1000000000},    {"T", 1000000000000},
                         {"bit", 1}, {"Kbit", 1000}, {"Mbit", 1000000}, {"Gbit", 1000000000}, {"Tbit", 1000000000000}};
const Suffixes kDurations = {{"ns", 1},         {"us", 1000},       {"ms", 1000000},
                             {"s", 1000000000}, {"m", 60000000000}, {"h", 3600000000000}};

constexpr std::array kGood = {
    "0"sv,
    "1"sv,
    "65535"sv,
    "-1"sv,
    "128K"sv,
    "4MiB"sv,
    "10MB"sv,
    "2T"sv,
    "250us"sv,
    "200ms"sv,
    "5s"sv,
    "30m"sv,
    "1h"sv,
    "7ns"sv,
    "10M"sv,
    "10Mbit"sv,
    "9600bit"sv,
    "9223372036854775807"sv,
    "-9223372036854775808"sv,
    "18446744073709551615"sv,
    "16777215T"sv,
    "2562047h"sv,
};

constexpr std::array kPieces = {
    "-"sv,
    "+"sv,
    " "sv,
    "0"sv,
    "00"sv,
    "9"sv,
    "0x"sv,
    "."sv,
    "e9"sv,
    "_"sv,
    "'"sv,
    ","sv,
    "\0"sv,
    "\n"sv,
    "\x1b["sv,
    "\xd9\xa3"sv,
    "\xef\xbc\x95"sv,
    "K"sv,
    "k"sv,
    "iB"sv,
    "B"sv,
    "TB"sv,
    "bit"sv,
    "s"sv,
    "ms"sv,
    "h"sv,
    "m"sv,
    "18446744073709551616"sv,
    "9223372036854775808"sv,
    "\\"sv,
    "\""sv,
};

class Inputs {
 public:
  std::string next() {
    if (below(10) == 0) return random_bytes();
    std::string text(pick(kGood));
    for (auto times = below(4); times > 0; --times) mutate(text);
    return text;
  }

  std::string random_bytes() {
    std::string text(below(1 + below(100)), '\0');  // mostly short, where the parsers look closest
    for (char& byte : text) byte = random_byte();
    return text;
  }

  std::uint64_t bits() { return random_(); }
  std::size_t below(std::size_t end) { return random_() % end; }  // the small bias does not matter here

 private:
  template <class List>
  std::string_view pick(const List& list) {
    return list[below(list.size())];
  }

  char random_byte() { return static_cast<char>(static_cast<unsigned char>(below(256))); }
  char random_digit() { return static_cast<char>('0' + below(10)); }

  void mutate(std::string& text) {
    const auto at = below(text.size() + 1);
    switch (below(7)) {
      case 0:
        text.insert(at, 1, random_digit());
        break;
      case 1:
        text.insert(at, 1, random_byte());
        break;
      case 2:
        text.insert(at, pick(kPieces));
        break;
      case 3:
        text.erase(at, 1 + below(2));
        break;
      case 4:
        if (at < text.size()) text[at] = random_digit();
        break;
      case 5:
        text.append(pick(kGood));
        break;
      default:
        std::rotate(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), text.end());
        break;
    }
  }

  std::mt19937_64 random_{kSeed};
};

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char byte) { return byte >= 0x20 && byte <= 0x7e; });
}

/// A number as a program would print it: no sign, no leading zero, digits only.
bool canonical(std::string_view digits) {
  if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) return false;
  return std::ranges::all_of(digits, [](char byte) { return byte >= '0' && byte <= '9'; });
}

/// What goes wrong with a refusal, or empty.
template <class T>
std::string check_refusal(const Result<T>& result) {
  if (result.error().code != Errc::bad_value) return "not a bad_value";
  if (!is_printable(describe(result.error()))) return "sentence not printable";
  return describe(result.error()).starts_with('"') ? "" : "text not quoted";
}

/// What goes wrong with a plain number, or empty.
template <class T>
std::string check_number(std::string_view text, const Result<T>& result, T min, T max) {
  const auto digits = text.substr(min < 0 && text.starts_with('-') ? 1 : 0);
  if (result) {
    if (*result < min || *result > max) return "out of range";
    return std::to_string(*result) == text ? "" : "prints as another text";
  }
  const bool small = canonical(digits) && digits != "0" && digits.size() <= 18;
  if (small) {
    const auto value = static_cast<T>(std::stoll(std::string(text)));
    if (value >= min && value <= max) return "refused a good number";
  }
  return check_refusal(result);
}

/// What goes wrong with a number with a suffix, or empty.
std::string check_amount(std::string_view text, const Result<std::uint64_t>& result, const Suffixes& suffixes,
                         std::uint64_t max) {
  const auto digits = text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
  const auto suffix = suffixes.find(text.substr(digits.size()));
  const bool well_formed = canonical(digits) && suffix != suffixes.end();
  if (result) {
    if (!well_formed) return "accepted a malformed text";
    if (*result > max) return "out of range";
    const bool exact = *result % suffix->second == 0 && std::to_string(*result / suffix->second) == digits;
    return exact ? "" : "prints as another text";
  }
  const bool small = well_formed && digits.size() <= 18 && std::stoull(std::string(digits)) <= max / suffix->second;
  return small ? "refused a good amount" : check_refusal(result);
}

/// Durations as plain counts, so that one check fits all amounts.
Result<std::uint64_t> duration_count(std::string_view text, Nanoseconds max) {
  const auto result = parse_duration(text, max);
  if (!result) return result.error();
  return static_cast<std::uint64_t>(result->count());
}

/// The first complaint about any of the inputs, or empty.
std::string fuzz(const std::function<std::string(std::string_view, Inputs&)>& check) {
  Inputs inputs;
  for (int i = 0; i < kInputs; ++i) {
    const auto text = inputs.next();
    const auto complaint = check(text, inputs);
    if (!complaint.empty()) return complaint + ": " + quote(text);
  }
  return {};
}

/// What goes wrong with a listening address, or empty.
std::string check_address(std::string_view text, const Result<ListenAddress>& result) {
  if (!result) {
    if (result.error().code != Errc::bad_value) return "not refused as a bad value";
    return is_printable(describe(result.error())) ? "" : "sentence not printable";
  }
  const Target& target = result->target;
  const auto bracketed = "[" + target.host + "]:";
  if (!text.starts_with(target.host + ":") && !text.starts_with(bracketed)) return "another host than was typed";
  if (result->every_address != (target.host == "*")) return "every address without a star";
  if (target.numeric && target.numeric->port() != target.port) return "two ports";
  const auto port = text.substr(text.rfind(':') + 1);
  const bool number = port.find_first_not_of("0123456789") == std::string_view::npos;
  return !number || port == std::to_string(target.port) ? "" : "another port than was typed";
}

/// Undoes escape(), to show that no two texts look alike.
std::string read_back(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else if (text[++i] == 'x') {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      const auto plain = "\\nrt"sv.find(text[i]);
      out += "\\\n\r\t"sv.at(plain);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("fuzz: an accepted whole number is in range and prints as it was typed") {
  const auto complaint = fuzz([](std::string_view text, Inputs& inputs) {
    const auto bound = static_cast<std::int64_t>(inputs.bits() >> inputs.below(64));
    const auto other = static_cast<std::int64_t>(inputs.bits() >> inputs.below(64));
    const auto [min, max] = std::minmax(bound, other);
    const auto whole = check_number(text, parse_integer(text, INT64_MIN, INT64_MAX), INT64_MIN, INT64_MAX);
    return whole.empty() ? check_number(text, parse_integer(text, min, max), min, max) : whole;
  });
  CHECK(complaint == "");
}

TEST_CASE("fuzz: an accepted unsigned number is in range and prints as it was typed") {
  const auto complaint = fuzz([](std::string_view text, Inputs& inputs) {
    const auto bound = inputs.bits() >> inputs.below(64);
    const auto other = inputs.bits() >> inputs.below(64);
    const auto [min, max] = std::minmax(bound, other);
    const auto whole = check_number<std::uint64_t>(text, parse_unsigned(text, 0, UINT64_MAX), 0, UINT64_MAX);
    return whole.empty() ? check_number(text, parse_unsigned(text, min, max), min, max) : whole;
  });
  CHECK(complaint == "");
}

TEST_CASE("fuzz: an accepted size is its digits times its suffix") {
  const auto complaint = fuzz([](std::string_view text, Inputs& inputs) {
    const auto max = inputs.bits() >> inputs.below(64);
    return check_amount(text, parse_bytes(text, max), kBytes, max);
  });
  CHECK(complaint == "");
}

TEST_CASE("fuzz: an accepted bit rate is its digits times its suffix") {
  const auto complaint =
      fuzz([](std::string_view text, Inputs&) { return check_amount(text, parse_bit_rate(text), kRates, UINT64_MAX); });
  CHECK(complaint == "");
}

TEST_CASE("fuzz: an accepted duration is its digits times its unit") {
  const auto complaint = fuzz([](std::string_view text, Inputs& inputs) {
    const auto max = inputs.bits() >> (1 + inputs.below(63));
    if (text == "0") return parse_duration(text) ? ""s : "refused zero"s;
    const auto result = duration_count(text, Nanoseconds(static_cast<std::int64_t>(max)));
    return check_amount(text, result, kDurations, max);
  });
  CHECK(complaint == "");
}

TEST_CASE("fuzz: an accepted listening address is the host and the port that were typed") {
  constexpr std::array kHosts = {"*"sv,     ""sv,    "127.0.0.1"sv, "[::1]"sv, "[::]"sv, "[fe80::1%lo]"sv,
                                 "a-b.c"sv, "8888"sv};
  int taken = 0;
  const auto complaint = fuzz([&](std::string_view text, Inputs& inputs) {
    auto address = std::string(kHosts[inputs.below(kHosts.size())]) + (inputs.below(8) == 0 ? "" : ":");
    address.insert(inputs.below(4) == 0 ? inputs.below(address.size() + 1) : address.size(), text);
    const auto result = parse_listen_address(address);
    if (result) ++taken;
    const auto wrong = check_address(address, result);
    return wrong.empty() ? wrong : wrong + " of " + quote(address);
  });
  CHECK(complaint == "");
  CHECK(taken > 1000);
}

TEST_CASE("fuzz: escaped text is printable, bounded and can be undone") {
  const auto complaint = fuzz([](std::string_view, Inputs& inputs) {
    const auto bytes = inputs.random_bytes();
    const auto limit = 1 + inputs.below(100);
    const auto escaped = escape(bytes);
    if (!is_printable(escaped) || !is_printable(quote(bytes))) return "not printable"s;
    if (escaped.size() > 4 * bytes.size()) return "too long"s;
    if (escape(bytes, limit).size() > 4 * limit + 3) return "over its limit"s;
    if (escape(escaped).size() > 2 * escaped.size()) return "grew twice"s;
    return read_back(escaped) == bytes ? ""s : "not the same text"s;
  });
  CHECK(complaint == "");
}
