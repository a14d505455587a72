#include <fmt/format.h>

#include "rows.hpp"

using namespace tcpkit;

namespace {

/// One word for fish, whose single quotes know a backslash.
std::string fish_quoted(std::string_view text) {
  std::string word = "'";
  for (const char letter : text) {
    if (letter == '\\' || letter == '\'') word += '\\';
    word += letter;
  }
  return word + "'";
}

/// A candidate, a tab and what is shown beside it.
std::string entry(std::string_view word, std::string_view brief) {
  return fish_quoted(word) + (brief.empty() ? "" : "\\t" + fish_quoted(brief));
}

std::string lines_of(const Words& words) {
  std::string list = "printf '%s\\n'";
  for (const Word& word : words) list += " " + entry(typed_part(word), word.brief);
  return list;
}

/// The call that writes the values, one a line.
std::string values_call(const Choices& choices, const Words& words) {
  switch (choices.source) {
    case Source::OneOf:
    case Source::Forms:
      return lines_of(words);
    case Source::Settings:
      return "__tcpkit_settings";
    case Source::Rows:
      return "__tcpkit_rows";
    case Source::Names:
      return "__tcpkit_all_names";
    case Source::Findings:
      return "__tcpkit_findings";
    case Source::Interfaces:
      return "__tcpkit_interfaces";
    case Source::NetworkNamespaces:
      return "__tcpkit_namespaces";
    case Source::Processes:
      return "__tcpkit_processes";
    case Source::ProcessNames:
      return "__tcpkit_process_names";
    case Source::Files:
    case Source::Unknown:
      break;
  }
  return {};
}

std::string values_argument(const Choices& choices) {
  const std::string call = values_call(choices, choices.words == nullptr ? Words{} : choices.words());
  if (call.empty()) return {};
  return " -a " + fish_quoted(fmt::format("({}{})", call, choices.list ? " | __tcpkit_behind ," : ""));
}

/// How `complete` is told of a value: it must follow (-x), may be a file (-r), or is no word of its own.
std::string_view value_flag(const Flag& flag) {
  if (flag.value.empty() || flag.value_optional) return "";
  return flag.choices.source == Source::Files ? " -r -F" : " -x";
}

std::string flag_line(const Command& command, const Flag& flag) {
  const std::string letter = flag.letter == 0 ? "" : fmt::format(" -s {}", flag.letter);
  return fmt::format("complete -c tcpkit -n '__tcpkit_at {}'{} -l {}{}{} -d {}\n", command.name, letter, flag.name,
                     value_flag(flag), values_argument(flag.choices), fish_quoted(summary(flag)));
}

std::string command_lines() {
  std::string text;
  std::string names;
  for (const Command& command : commands()) {
    text += fmt::format("\ncomplete -c tcpkit -n __tcpkit_needs_command -a {} -d {}\n", command.name,
                        fish_quoted(command.brief));
    for (const Flag& flag : all_flags(command)) text += flag_line(command, flag);
    if (!command.positionals.empty() && command.positionals.front().choices.source != Source::Unknown) {
      text += fmt::format("complete -c tcpkit -n '__tcpkit_at_argument {}'{}\n", command.name,
                          values_argument(command.positionals.front().choices));
    }
    names += (names.empty() ? "" : " ") + std::string(command.name);
  }
  text += "\ncomplete -c tcpkit -n __tcpkit_needs_command -a help -d 'show the help of a command'\n";
  return text + fmt::format("complete -c tcpkit -n '__tcpkit_at_argument help' -a '{}'\n", names);
}

/// Words of a command, each on a line that goes on.
std::string continued(const Words& words) {
  std::string lines;
  for (const Word& word : words) {
    lines += fmt::format("{}        {}", lines.empty() ? "" : " \\\n", entry(word.text, word.brief));
  }
  return lines + "\n";
}

std::string setting_entries() {
  Words words;
  for (const Option* option : settable_options()) {
    const std::string_view equals = option->kind == Kind::Switch ? "" : "=";
    for (const std::string_view name : {option->name, option->symbol}) {
      words.push_back({fmt::format("{}{}", name, equals), std::string(option->brief)});
    }
  }
  return continued(words);
}

std::string setting_cases() {
  std::string cases;
  for (const SettingValues& row : setting_values()) {
    const std::string call =
        row.file.empty() ? values_call(row.choices, row.words) : fmt::format("__tcpkit_words_of {}", row.file);
    cases += fmt::format("        case {} {}\n            {}{}\n", row.option->name, row.option->symbol, call,
                         row.choices.list ? " | __tcpkit_behind_plus" : "");
  }
  return cases;
}

std::string row_entries() {
  return continued(row_names());
}

std::string finding_entries() {
  return continued(finding_names());
}

}  // namespace

Shell fish() {
  return {"fish",
          {{"COMMANDS", command_lines},
           {"SETTING VALUES", setting_cases},
           {"SETTINGS", setting_entries},
           {"ROWS", row_entries},
           {"FINDINGS", finding_entries}}};
}
