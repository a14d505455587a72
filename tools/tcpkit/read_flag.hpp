#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tcpkit/base/result.hpp>
#include <tcpkit/base/units.hpp>
#include <tcpkit/net/resolve.hpp>
#include <tcpkit/sock/settings.hpp>

#include "command.hpp"

/// From words to values: what the plans of several commands have in common.

/// The text after a flag, parsed; an error names the flag. `into` stays as it is without the flag.
template <class T, class Parse>
tcpkit::Result<void> read_flag(const Args& args, std::string_view flag, Parse parse, T& into) {
  const std::optional<std::string> text = args.value(flag);
  if (!text) return {};
  auto parsed = parse(*text);
  if (!parsed) return tcpkit::bad_value(fmt::format("--{}: {}", flag, parsed.error().doing));
  into = std::move(*parsed);
  return {};
}

/// The word after a flag that has a table of them; `into` stays as it is without the flag.
template <const auto& kMeanings, class T>
void read_choice(const Args& args, std::string_view flag, T& into) {
  if (const std::optional<std::string> text = args.value(flag)) into = meaning_of<kMeanings>(*text);
}

/// "5s", "0": a time that may be none.
[[nodiscard]] tcpkit::Result<tcpkit::Nanoseconds> parse_time(std::string_view text);
/// "5s", but not 0.
[[nodiscard]] tcpkit::Result<tcpkit::Nanoseconds> parse_positive_time(std::string_view text);

/// A count, from 1.
template <std::uint64_t kMost>
[[nodiscard]] tcpkit::Result<std::uint64_t> parse_count(std::string_view text) {
  return tcpkit::parse_unsigned(text, 1, kMost);
}

/// A size, but not 0 bytes.
[[nodiscard]] tcpkit::Result<std::uint64_t> parse_some_bytes(std::string_view text, std::uint64_t most);

/// -4 and -6.
[[nodiscard]] tcpkit::Result<tcpkit::Families> read_families(const Args& args);

/// A setting; an error names the flag it was given with.
[[nodiscard]] tcpkit::Result<tcpkit::Setting> read_setting(std::string_view flag, std::string_view text);
