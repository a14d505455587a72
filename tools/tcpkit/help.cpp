#include "help.hpp"

#include <fmt/format.h>

#include "exit_code.hpp"
#include "layout.hpp"

namespace {

constexpr std::size_t kFlagColumn = 22;
constexpr std::size_t kCommandColumn = 12;
constexpr std::size_t kStatusColumn = 9;

std::string flags_section(std::string_view title, std::span<const Flag> flags) {
  if (flags.empty()) return {};
  std::string text = fmt::format("\n{}:\n", title);
  for (const Flag& flag : flags) text += definition(flag_term(flag), brief_of(flag), kFlagColumn);
  return text;
}

std::string positionals_section(std::span<const Positional> positionals) {
  if (positionals.empty()) return {};
  std::string text = "\nArguments:\n";
  for (const Positional& row : positionals) text += definition(row.name, row.brief, kFlagColumn);
  return text;
}

std::string examples_section(std::span<const Example> examples) {
  if (examples.empty()) return {};
  std::string text = "\nExamples:\n";
  for (const Example& example : examples) text += fmt::format("  {}\n", example.line) + wrapped(example.what, 6);
  return text;
}

std::string statuses_section() {
  std::string text = "\nExit status:\n";
  for (const ExitStatus& row : exit_statuses()) text += definition(row.number, row.meaning, kStatusColumn);
  return text;
}

std::string commands_section() {
  std::string text = "\nCommands:\n";
  for (const Command& command : commands()) text += definition(command.name, command.brief, kCommandColumn);
  return text;
}

}  // namespace

std::string flag_term(const Flag& flag) {
  const std::string letter = flag.letter ? fmt::format("-{}, ", flag.letter) : "";
  const std::string value = flag.value.empty()    ? ""
                            : flag.value_optional ? fmt::format("[={}]", flag.value)
                                                  : fmt::format(" {}", flag.value);
  return fmt::format("{}--{}{}{}", letter, flag.name, value, flag.repeatable ? " ..." : "");
}

std::string version() {
  return "tcpkit " TCPKIT_VERSION "\n";
}

std::string usage() {
  std::string names;
  for (const Command& command : commands()) names += fmt::format("{}{}", names.empty() ? "" : ", ", command.name);
  return "usage: tcpkit COMMAND [OPTION...] [ARGUMENT...]\n" + wrapped("commands: " + names, 0) +
         "see tcpkit --help, or tcpkit COMMAND --help\n";
}

std::string overview() {
  return "tcpkit: TCP socket tuning, what is in force on a connection and why\n\n"
         "Usage: tcpkit COMMAND [OPTION...] [ARGUMENT...]\n"
         "       tcpkit COMMAND --help\n"
         "       tcpkit --version\n" +
         commands_section() + flags_section("Options of every command", common_flags()) + statuses_section();
}

std::string help(const Command& command) {
  const std::string arguments = command.synopsis.empty() ? "" : fmt::format(" {}", command.synopsis);
  return fmt::format("Usage: tcpkit {} [OPTION...]{}\n\n", command.name, arguments) + wrapped(command.brief, 0) +
         positionals_section(command.positionals) + flags_section("Options", command.flags) +
         (command.diagnoses ? flags_section("Options for findings", finding_flags()) : "") +
         flags_section("Options of every command", common_flags()) + examples_section(command.examples) +
         statuses_section();
}
