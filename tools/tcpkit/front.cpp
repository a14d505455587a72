#include "front.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

#include <tcpkit/base/spelling.hpp>
#include <tcpkit/base/units.hpp>

#include "command.hpp"
#include "console.hpp"
#include "help.hpp"
#include "output.hpp"
#include "parser.hpp"

namespace {

using Typed = std::span<const std::string>;

ExitCode say(std::string_view text) {
  Output output;
  Output errors(STDERR_FILENO);
  output.write(text);
  return output.finish(ExitCode::Done, errors);
}

ExitCode fail(Typed words, std::string_view command, const tcpkit::Error& error) {
  Console console = Console::for_errors(words, command);
  return console.finish(console.fail(error));
}

/// A command line that names no command: what is wrong, and how to do it right.
ExitCode fail_with_usage(Typed words, const std::string& sentence) {
  const ExitCode code = fail(words, "error", tcpkit::bad_value(sentence));
  std::fputs(usage().c_str(), stderr);
  return code;
}

std::string unknown_command(std::string_view name) {
  std::vector<std::string_view> names{"help"};
  for (const Command& command : commands()) names.push_back(command.name);
  const std::string_view near = tcpkit::nearest(name, names);
  std::string sentence = "unknown command " + tcpkit::quote(name);
  return near.empty() ? sentence : fmt::format("{}: did you mean {}?", sentence, near);
}

std::string option_first(std::string_view word) {
  const std::array<std::string_view, 2> known{"--help", "--version"};
  const std::string_view near = tcpkit::nearest(word, known);
  if (!near.empty()) return fmt::format("unknown option {}: did you mean {}?", tcpkit::quote(word), near);
  return fmt::format("{}: options come after the command", tcpkit::quote(word));
}

std::string unexpected(std::string_view word) {
  return "unexpected argument " + tcpkit::quote(word);
}

ExitCode help_about(Typed words, Typed topics) {
  if (topics.empty()) return say(overview());
  if (topics.size() > 1) return fail_with_usage(words, unexpected(topics[1]));
  const Command* command = find_command(topics[0]);
  return command ? say(help(*command)) : fail_with_usage(words, unknown_command(topics[0]));
}

ExitCode run_command(const Command& command, Typed words) {
  const auto args = parse(command, words);
  if (!args) return fail(words, command.name, args.error());
  if (args->has("help")) return say(help(command));
  auto console = Console::make(*args, command);
  if (!console) return fail(words, command.name, console.error());
  if (args->has("output")) {
    auto possible = console->write_to(*args->value("output"));
    if (!possible) return console->fail(possible.error()), console->finish(ExitCode::LocalLimit);
  }
  return console->finish(command.run(*args, *console));
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> spellings) {
  for (const std::string_view spelling : spellings) {
    if (word == spelling) return true;
  }
  return false;
}

}  // namespace

ExitCode run_tcpkit(std::span<const std::string> words) {
  if (words.empty()) return fail_with_usage(words, "no command given");
  const std::string& first = words.front();
  const Typed rest = words.subspan(1);
  if (is_one_of(first, {"help", "--help", "-h"})) return help_about(words, rest);
  if (is_one_of(first, {"--version", "-V"})) {
    return rest.empty() ? say(version()) : fail_with_usage(words, unexpected(rest.front()));
  }
  if (const Command* command = find_command(first)) return run_command(*command, rest);
  if (first.starts_with('-')) return fail_with_usage(words, option_first(first));
  return fail_with_usage(words, unknown_command(first));
}
