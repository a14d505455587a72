#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/sock/option.hpp>

#include "command.hpp"

/// What the scripts of all shells are made of.

/// One section of a script: what a template's line `# @NAME@` stands for.
struct ScriptSection {
  std::string_view name;
  std::string (*make)();
};

/// Templates of which shell, and their sections.
struct Shell {
  std::string_view name;
  std::vector<ScriptSection> sections;
};
[[nodiscard]] Shell bash();
[[nodiscard]] Shell fish();
[[nodiscard]] Shell zsh();

/// Options that can be set from text.
[[nodiscard]] std::vector<const tcpkit::Option*> settable_options();

/// What the value of a setting may be.
struct SettingValues {
  const tcpkit::Option* option = nullptr;
  Choices choices = {};
  Words words = {};
  std::string file = {};  ///< words of this sysctl's file, instead
};
/// Those whose values are a set.
[[nodiscard]] std::vector<SettingValues> setting_values();

/// Options by name and by symbol, sysctls and TCP_INFO fields: what --only takes.
[[nodiscard]] Words row_names();

/// Findings by name and by id.
[[nodiscard]] Words finding_names();

/// What is typed of a word: "until:" of "until:TEXT".
[[nodiscard]] std::string_view typed_part(const Word& word);

/// The first sentence of a brief, without its full stop and the words that the value may be: what fits beside a flag.
[[nodiscard]] std::string summary(const Flag& flag);

/// For sh, bash and zsh: one word, whatever is in it.
[[nodiscard]] std::string quoted(std::string_view text);
