#include <fmt/format.h>

#include "rows.hpp"

using namespace tcpkit;

namespace {

std::string quoted_words(const Words& words) {
  std::string list;
  for (const Word& word : words) list += " " + quoted(typed_part(word));
  return list;
}

/// The call that offers the values.
std::string offer(const Choices& choices, const Words& words) {
  switch (choices.source) {
    case Source::OneOf:
    case Source::Forms:
      return "_tcpkit_offer" + quoted_words(words);
    case Source::Settings:
      return "_tcpkit_offer_settings";
    case Source::Rows:
      return "_tcpkit_offer_rows";
    case Source::Names:
      return "_tcpkit_offer_all_names";
    case Source::Findings:
      return "_tcpkit_offer_findings";
    case Source::Files:
      return "_tcpkit_offer_files";
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

std::string arm(std::string_view pattern, const Choices& choices, std::string_view separator, const Words& words) {
  const std::string behind = choices.list ? fmt::format("_tcpkit_offer_behind {} ", separator) : "";
  return fmt::format("        {}) {}{} ;;\n", pattern, behind, offer(choices, words));
}

Words words_of(const Choices& choices) {
  return choices.words == nullptr ? Words{} : choices.words();
}

std::string commands_array() {
  std::string names;
  for (const Command& command : commands()) names += fmt::format("{}{}", names.empty() ? "" : " ", command.name);
  return fmt::format("_tcpkit_commands=({})\n", names);
}

std::string flags_arms() {
  std::string arms;
  for (const Command& command : commands()) {
    arms += fmt::format("        {}) flags='", command.name);
    for (const Flag& flag : all_flags(command)) {
      const std::string_view mark = flag.value.empty() || flag.value_optional ? "" : "=";
      if (flag.letter != 0) arms += fmt::format("-{}{} ", flag.letter, mark);
      arms += fmt::format("--{}{} ", flag.name, mark);
    }
    arms.back() = '\'';
    arms += " ;;\n";
  }
  return arms;
}

std::string values_arms() {
  std::string arms;
  for (const Command& command : commands()) {
    for (const Flag& flag : all_flags(command)) {
      if (flag.choices.source == Source::Unknown) continue;
      std::string pattern = fmt::format("'{} --{}'", command.name, flag.name);
      if (flag.letter != 0) pattern += fmt::format(" | '{} -{}'", command.name, flag.letter);
      arms += arm(pattern, flag.choices, ",", words_of(flag.choices));
    }
    for (std::size_t at = 0; at < command.positionals.size(); ++at) {
      const Choices& choices = command.positionals[at].choices;
      if (choices.source == Source::Unknown) continue;
      arms += arm(fmt::format("'{} {}'", command.name, at + 1), choices, ",", words_of(choices));
    }
  }
  return arms;
}

std::string setting_arms() {
  std::string arms;
  for (const SettingValues& row : setting_values()) {
    const std::string pattern = fmt::format("{} | {}", row.option->name, row.option->symbol);
    if (row.file.empty()) {
      arms += arm(pattern, row.choices, "+", row.words);
    } else {
      arms += fmt::format("        {}) _tcpkit_offer_words_of {} ;;\n", pattern, row.file);
    }
  }
  return arms;
}

/// A switch may stand without a value, which means "on".
std::string settings_lines() {
  std::string lines;
  for (const Option* option : settable_options()) {
    const std::string_view equals = option->kind == Kind::Switch ? "" : "=";
    lines += fmt::format("    {}{} {}{}\n", option->name, equals, option->symbol, equals);
  }
  return lines;
}

std::string lines_of(const Words& words) {
  std::string lines;
  for (const Word& word : words) lines += fmt::format("    {}\n", word.text);
  return lines;
}

std::string row_lines() {
  return lines_of(row_names());
}

std::string finding_lines() {
  return lines_of(finding_names());
}

}  // namespace

Shell bash() {
  return {"bash",
          {{"COMMANDS", commands_array},
           {"FLAGS", flags_arms},
           {"VALUES", values_arms},
           {"SETTING VALUES", setting_arms},
           {"SETTINGS", settings_lines},
           {"ROWS", row_lines},
           {"FINDINGS", finding_lines}}};
}
