#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What the value of a flag, or an argument, may be: declared with it, and read by the parser, its errors, help, the
/// man pages and completion.

/// One value that may be given. What follows a colon stands for the user's own: "until:TEXT".
struct Word {
  std::string text;
  std::string brief = {};  ///< a few words, or empty
};
using Words = std::vector<Word>;

/// Where values come from, as far as they can be listed.
enum class Source : std::uint8_t {
  Unknown,            ///< a number, a time, an address: nothing to list
  OneOf,              ///< Choices::words, and nothing else is taken
  Forms,              ///< Choices::words, which have other spellings or go on; the command reads them
  Settings,           ///< NAME[=VALUE] of a socket option that can be set
  Rows,               ///< the name of a socket option, sysctl or TCP_INFO field
  Names,              ///< the same, or a finding
  Findings,           ///< by name or id
  Files,              ///< the rest is what the host has at the time
  Interfaces,         ///< of this network namespace
  NetworkNamespaces,  ///< of ip netns, or a process whose namespace is meant
  Processes,          ///< process ids
  ProcessNames,       ///< as /proc/PID/comm has them
};

struct Choices {
  Source source = Source::Unknown;
  bool list = false;           ///< several, joined by commas
  Words (*words)() = nullptr;  ///< for OneOf and Forms, and never empty there
};

/// A word and what it stands for in a plan.
template <class T>
struct Meaning {
  std::string_view word;
  T value;
  std::string_view brief = {};
};

template <const auto& kMeanings>
[[nodiscard]] Words words_of() {
  Words words;
  for (const auto& row : kMeanings) words.push_back({std::string(row.word), std::string(row.brief)});
  return words;
}

/// Nothing but the words of a table: the parser has refused all others when a plan asks meaning_of().
template <const auto& kMeanings>
inline constexpr Choices kOneOf{.source = Source::OneOf, .words = words_of<kMeanings>};

template <const auto& kMeanings>
[[nodiscard]] auto meaning_of(std::string_view word) {
  const auto row = std::ranges::find(kMeanings, word, [](const auto& meaning) { return meaning.word; });
  return row == kMeanings.end() ? kMeanings.front().value : row->value;
}

/// "rr, crr or idle".
[[nodiscard]] std::string listed(const Words& words);

/// "rr (request, reply), crr or idle (hold connections)".
[[nodiscard]] std::string listed_with_briefs(const Words& words);
