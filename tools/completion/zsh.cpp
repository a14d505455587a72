#include <fmt/format.h>

#include "rows.hpp"

using namespace tcpkit;

namespace {

/// What _describe and _arguments would take for their own is kept from them by a backslash.
std::string escaped(std::string_view text, std::string_view special) {
  std::string safe;
  for (const char letter : text) {
    if (special.find(letter) != std::string_view::npos) safe += '\\';
    safe += letter;
  }
  return safe;
}

/// For _describe: the word, and what is shown beside it.
std::string entry(std::string_view word, std::string_view brief) {
  const std::string text = escaped(word, ":");
  return quoted(brief.empty() ? text : fmt::format("{}:{}", text, brief));
}

std::string entries(const Words& words) {
  std::string list;
  for (const Word& word : words) list += " " + entry(typed_part(word), word.brief);
  return list;
}

/// The call that offers the values.
std::string offer(const Choices& choices, const Words& words) {
  switch (choices.source) {
    case Source::OneOf:
    case Source::Forms:
      return "_tcpkit_offer" + entries(words);
    case Source::Settings:
      return "_tcpkit_offer_settings";
    case Source::Rows:
      return "_tcpkit_offer_rows";
    case Source::Names:
      return "_tcpkit_offer_all_names";
    case Source::Findings:
      return "_tcpkit_offer_findings";
    case Source::Files:
      return "_files";
    case Source::Interfaces:
      return "_tcpkit_offer_interfaces";
    case Source::NetworkNamespaces:
      return "_tcpkit_offer_namespaces";
    case Source::Processes:
      return "_tcpkit_offer_processes";
    case Source::ProcessNames:
      return "_tcpkit_offer_process_names";
    case Source::Unknown:
      break;
  }
  return {};
}

std::string offer(const Choices& choices, const Words& words, std::string_view separator) {
  return choices.list ? fmt::format("_tcpkit_offer_behind {} {}", separator, offer(choices, words))
                      : offer(choices, words);
}

/// ":MESSAGE:ACTION" of _arguments: a blank action only shows the message. `subject` is a flag or the argument's
/// number.
std::string argument(const Command& command, std::string_view subject, std::string_view name, const Choices& choices) {
  const std::string action = fmt::format("{{_tcpkit_values {} {}}}", command.name, subject);
  return fmt::format(":{}:{}", escaped(name, ":"), choices.source == Source::Unknown ? " " : action);
}

/// One of _arguments' specifications: '(-q --quiet)'{-q,--quiet}'[say nothing]'.
std::string specification(const Command& command, const Flag& flag) {
  const bool has_value = !flag.value.empty();
  const std::string_view long_end = !has_value ? "" : flag.value_optional ? "=-" : "=";
  const std::string name = fmt::format("--{}{}", flag.name, long_end);
  const std::string letter = flag.letter == 0 ? "" : fmt::format("-{}{}", flag.letter, has_value ? "+" : "");
  const std::string value =
      !has_value ? "" : argument(command, "--" + std::string(flag.name), flag.value, flag.choices);
  const std::string rest =
      fmt::format("[{}]{}{}", escaped(summary(flag), "[]:\\"), flag.value_optional ? ":" : "", value);
  const std::string others = flag.repeatable       ? "*"
                             : flag.name == "help" ? "(- : *)"
                             : letter.empty()      ? ""
                                                   : fmt::format("(-{} --{})", flag.letter, flag.name);
  if (letter.empty()) return quoted(others + name + rest);
  return fmt::format("{}{{{},{}}}{}", quoted(others), letter, name, quoted(rest));
}

std::string specification(const Command& command, const Positional& row, std::size_t number) {
  const std::string place = row.repeatable ? "*" : fmt::format("{}{}", number, row.required ? "" : ":");
  return quoted(place + argument(command, fmt::format("{}", number), row.name, row.choices));
}

std::string command_function(const Command& command) {
  std::string text = fmt::format("_tcpkit_command_{}() {{\n    _arguments -s -S", command.name);
  for (const Flag& flag : all_flags(command)) text += " \\\n        " + specification(command, flag);
  std::size_t number = 0;
  for (const Positional& row : command.positionals) text += " \\\n        " + specification(command, row, ++number);
  return text + "\n}\n\n";
}

std::string command_functions() {
  std::string text;
  for (const Command& command : commands()) text += command_function(command);
  return text + "_tcpkit_command_help() { _arguments '1:command:_tcpkit_commands' }\n";
}

std::string value_arm(const Command& command, std::string_view subject, const Choices& choices) {
  if (choices.source == Source::Unknown) return {};
  const Words words = choices.words == nullptr ? Words{} : choices.words();
  return fmt::format("        '{} {}') {} ;;\n", command.name, subject, offer(choices, words, ","));
}

std::string value_arms() {
  std::string arms;
  for (const Command& command : commands()) {
    for (const Flag& flag : all_flags(command)) arms += value_arm(command, "--" + std::string(flag.name), flag.choices);
    std::size_t number = 0;
    for (const Positional& row : command.positionals) {
      arms += value_arm(command, fmt::format("{}", ++number), row.choices);
    }
  }
  return arms;
}

std::string command_entries() {
  std::string lines;
  for (const Command& command : commands()) lines += fmt::format("        {}\n", entry(command.name, command.brief));
  return lines;
}

std::string setting_entries() {
  std::string lines;
  for (const Option* option : settable_options()) {
    const std::string_view equals = option->kind == Kind::Switch ? "" : "=";
    for (const std::string_view name : {option->name, option->symbol}) {
      lines += fmt::format("        {}\n", entry(fmt::format("{}{}", name, equals), option->brief));
    }
  }
  return lines;
}

std::string setting_arms() {
  std::string arms;
  for (const SettingValues& row : setting_values()) {
    const std::string call =
        row.file.empty() ? offer(row.choices, row.words, "+") : fmt::format("_tcpkit_offer_words_of {}", row.file);
    arms += fmt::format("        {} | {}) {} ;;\n", row.option->name, row.option->symbol, call);
  }
  return arms;
}

std::string lines_of(const Words& words) {
  std::string lines;
  for (const Word& word : words) lines += fmt::format("        {}\n", entry(word.text, word.brief));
  return lines;
}

std::string row_entries() {
  return lines_of(row_names());
}

std::string finding_entries() {
  return lines_of(finding_names());
}

}  // namespace

Shell zsh() {
  return {"zsh",
          {{"COMMANDS", command_entries},
           {"COMMAND FUNCTIONS", command_functions},
           {"SETTING VALUES", setting_arms},
           {"SETTINGS", setting_entries},
           {"ROWS", row_entries},
           {"FINDINGS", finding_entries},
           {"VALUES", value_arms}}};
}
