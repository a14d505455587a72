#include "parser.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include <tcpkit/base/spelling.hpp>
#include <tcpkit/base/units.hpp>

#include "spelled_out.hpp"

namespace {

using tcpkit::Error;
using tcpkit::Result;

constexpr std::size_t kShownBytes = 64;

/// Most commands have 40 flags and are given two. CLI11 compares every new flag with all that it knows, which took as
/// long as all that comes before a connect(2): it is told of those that may be meant.
std::vector<Flag> flags_among(const std::vector<std::string>& words, const Command& command) {
  std::vector<Flag> flags = all_flags(command);
  std::erase_if(flags, [&](const Flag& flag) {
    const auto names_it = [&](std::string_view word) { return word.starts_with("--") && word.substr(2) == flag.name; };
    return std::ranges::none_of(words, names_it);
  });
  return flags;
}

/// Declares the rows to CLI11. Positionals are not declared: CLI11 would take "[::1]" for a list and unpack it.
void declare(CLI::App& app, const std::vector<Flag>& flags) {
  app.set_help_flag();
  app.allow_extras();
  for (const Flag& flag : flags) {
    const std::string name = "--" + std::string(flag.name);
    CLI::Option* option = flag.value.empty() ? app.add_flag(name) : app.add_option(name);
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
}

Error usage_error(const Command& command, std::string sentence) {
  Error error = tcpkit::bad_value(std::move(sentence));
  error.hint = fmt::format("see tcpkit {} --help", command.name);
  return error;
}

Error unknown_option(const Command& command, const std::string& word) {
  const std::vector<Flag> flags = all_flags(command);
  std::vector<std::string_view> names(flags.size());
  std::ranges::transform(flags, names.begin(), &Flag::name);
  const std::string typed = word.substr(0, word.find('='));
  const std::string_view near =
      tcpkit::nearest(typed.substr(std::min(typed.find_first_not_of('-'), typed.size())), names);
  const std::string sentence = "unknown option " + tcpkit::escape(typed, kShownBytes);
  return usage_error(command, near.empty() ? sentence : fmt::format("{}: did you mean --{}?", sentence, near));
}

/// What CLI11 left over: arguments, and before "--" also flags that no row knows.
Result<std::vector<std::string>> arguments(const Command& command, const std::vector<std::string>& left_over) {
  std::vector<std::string> found;
  bool flags_ended = false;
  for (const std::string& word : left_over) {
    if (!flags_ended && word == "--") {
      flags_ended = true;
    } else if (!flags_ended && word.size() > 1 && word.front() == '-') {
      return unknown_option(command, word);
    } else {
      found.push_back(word);
    }
  }
  return found;
}

Result<void> check_repeats(const Command& command, const Args& args) {
  for (const Flag& flag : all_flags(command)) {
    const std::size_t times = args.values(flag.name).size();
    if (times <= 1 || flag.repeatable) continue;
    return usage_error(command, fmt::format("option --{} was given {} times, once is allowed", flag.name, times));
  }
  return {};
}

/// A word of the set that the flag's row declares.
Result<void> check_choices(const Command& command, const Args& args) {
  for (const Flag& flag : all_flags(command)) {
    if (flag.choices.source != Source::OneOf) continue;
    const Words words = flag.choices.words();
    for (const std::string& text : args.values(flag.name)) {
      if (std::ranges::find(words, text, &Word::text) != words.end()) continue;
      return tcpkit::bad_value(
          fmt::format("--{}: {} is none: {} is allowed", flag.name, tcpkit::quote(text), listed(words)));
    }
  }
  return {};
}

Result<void> check_positionals(const Command& command, const Args& args) {
  const std::vector<std::string>& given = args.positionals();
  std::size_t filled = 0;
  for (const Positional& row : command.positionals) {
    if (row.required && given.size() <= filled) {
      return usage_error(command, fmt::format("{} is missing: tcpkit {} {}", row.name, command.name, command.synopsis));
    }
    filled = row.repeatable ? given.size() : filled + 1;
  }
  if (given.size() <= filled) return {};
  const std::string typed = tcpkit::quote(given[filled]);
  if (command.positionals.empty()) {
    return usage_error(command, fmt::format("unexpected argument {}: {} takes options only", typed, command.name));
  }
  const std::string form = fmt::format("tcpkit {} {}", command.name, command.synopsis);
  return usage_error(command, fmt::format("unexpected argument {}: {}", typed, form));
}

Result<Args> collect(const Command& command, const std::vector<Flag>& flags, CLI::App& app) {
  Args args;
  for (const Flag& flag : flags) {
    const CLI::Option* option = app.get_option("--" + std::string(flag.name));
    if (option->count() == 0) continue;
    const bool is_switch = flag.value.empty();
    args.add_flag(flag.name, is_switch ? std::vector<std::string>(option->count()) : option->results());
  }
  auto positionals = arguments(command, app.remaining());
  if (!positionals) return positionals.error();
  for (std::string& text : *positionals) args.add_positional(std::move(text));
  return args;
}

}  // namespace

Result<Args> parse(const Command& command, std::span<const std::string> words) {
  auto spelled = spelled_out(command, words);
  if (!spelled) return usage_error(command, spelled.error().doing);

  CLI::App app;
  const std::vector<Flag> flags = flags_among(*spelled, command);
  declare(app, flags);
  std::ranges::reverse(*spelled);  // CLI11 takes words from the end
  try {
    app.parse(*spelled);
  } catch (const CLI::ParseError& error) {
    return usage_error(command, tcpkit::escape(error.what()));
  }

  auto args = collect(command, flags, app);
  if (!args || args->has("help")) return args;
  if (auto checked = check_repeats(command, *args); !checked) return checked.error();
  if (auto checked = check_choices(command, *args); !checked) return checked.error();
  if (auto checked = check_positionals(command, *args); !checked) return checked.error();
  return args;
}
