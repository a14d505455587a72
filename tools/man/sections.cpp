#include "sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "catalogue_sections.hpp"
#include "command.hpp"
#include "exit_code.hpp"
#include "mdoc.hpp"

namespace {

using tcpkit::Result;

std::string flag_head(const Flag& flag) {
  const std::string letter = flag.letter ? fmt::format("Fl {} , ", flag.letter) : "";
  const std::string argument = flag.value.empty() ? "" : mdoc_argument(flag.value);
  const std::string value = argument.empty()      ? ""
                            : flag.value_optional ? " Ns Oo = Ns Ar " + argument + " Oc"
                                                  : " Ar " + argument;
  const std::string_view more = !flag.repeatable ? "" : flag.value.empty() ? " No ..." : " ...";
  return fmt::format(".It {}Fl \\-{}{}{}\n", letter, mdoc_text(flag.name), value, more);
}

std::string flag_list(std::span<const Flag> flags) {
  if (flags.empty()) return {};
  std::string list = ".Bl -tag -width Ds\n";
  for (const Flag& flag : flags) list += flag_head(flag) + mdoc_sentences(brief_of(flag));
  return list + ".El\n";
}

std::string synopsis(const Command& command) {
  const std::string name = fmt::format(".Nm tcpkit {}\n.Op Ar option ...\n", command.name);
  return command.synopsis.empty() ? name : name + fmt::format(".Ar {}\n", mdoc_argument(command.synopsis));
}

std::string arguments(const Command& command) {
  if (command.positionals.empty()) return {};
  std::string list = ".Bl -tag -width Ds\n";
  for (const Positional& row : command.positionals) {
    list += fmt::format(".It Ar {}\n", mdoc_argument(row.name)) + mdoc_sentences(row.brief);
  }
  return list + ".El\n";
}

std::string own_options(const Command& command) {
  return command.flags.empty() ? "It has no options but those of every command.\n" : flag_list(command.flags);
}

std::string examples(const Command& command) {
  std::string text;
  for (const Example& example : command.examples) {
    if (!text.empty()) text += ".Pp\n";
    text += mdoc_sentences(example.what) + ".Dl " + mdoc_text(example.line) + "\n";
  }
  return text;
}

std::string common_options() {
  return flag_list(common_flags());
}

std::string finding_options() {
  return flag_list(finding_flags());
}

std::string exit_status() {
  std::string list = ".Bl -tag -width 128+N\n";
  for (const ExitStatus& row : exit_statuses()) {
    list += fmt::format(".It {}\n", row.number) + mdoc_sentences(row.meaning);
  }
  return list + ".El\n";
}

std::string command_list() {
  std::string list = ".Bl -tag -width Ds\n";
  for (const Command& command : commands()) {
    const std::string arguments = command.synopsis.empty() ? "" : " Ar " + mdoc_argument(command.synopsis);
    list += fmt::format(".It Cm {}{}\n", command.name, arguments);
    list += mdoc_sentences(std::string(command.brief) + ".") + fmt::format("See\n.Xr tcpkit-{} 1 .\n", command.name);
  }
  return list + ".El\n";
}

/// References in the order that mdoc(7) asks for.
std::string command_pages() {
  std::vector<std::string_view> names;
  for (const Command& command : commands()) names.push_back(command.name);
  std::ranges::sort(names);
  std::string references;
  for (const std::string_view name : names) references += fmt::format(".Xr tcpkit-{} 1 ,\n", name);
  return references;
}

struct PageSection {
  std::string_view name;
  std::string (*make)();
};

struct CommandSection {
  std::string_view name;
  std::string (*make)(const Command& command);
};

constexpr std::array kPageSections{
    PageSection{"COMMANDS", command_list},         PageSection{"COMMAND PAGES", command_pages},
    PageSection{"COMMON OPTIONS", common_options}, PageSection{"FINDING OPTIONS", finding_options},
    PageSection{"EXIT STATUS", exit_status},       PageSection{"FINDINGS", rule_rows},
    PageSection{"SOCKET OPTIONS", option_rows},    PageSection{"SYSCTLS", sysctl_rows},
    PageSection{"TCP_INFO", tcp_info_rows},
};

constexpr std::array kCommandSections{
    CommandSection{"SYNOPSIS", synopsis},
    CommandSection{"ARGUMENTS", arguments},
    CommandSection{"OPTIONS", own_options},
    CommandSection{"EXAMPLES", examples},
};

}  // namespace

Result<std::string> man_section(std::string_view name, std::string_view argument) {
  if (argument.empty()) {
    const auto* section = std::ranges::find(kPageSections, name, &PageSection::name);
    if (section != kPageSections.end()) return section->make();
  }
  const Command* command = find_command(argument);
  const auto* section = std::ranges::find(kCommandSections, name, &CommandSection::name);
  if (command && section != kCommandSections.end()) return section->make(*command);
  return tcpkit::bad_value(fmt::format("no section {} {}", name, argument));
}
