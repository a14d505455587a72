#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "choices.hpp"
#include "exit_code.hpp"

class Console;

/// One flag. --help, the parser, the man pages and completion read these rows and nothing else.
struct Flag {
  std::string_view name;        ///< without dashes: "timeout"
  char letter = 0;              ///< 'q', or 0
  std::string_view value = {};  ///< what stands for its value in help: "D"; empty for a switch
  bool repeatable = false;
  bool value_optional = false;  ///< spelled --name or --name=VALUE; without one its value is empty
  Choices choices = {};         ///< what its value may be
  std::string_view brief;       ///< one or more short sentences, plain text; "{}" stands for the words of `choices`
};

/// What stands on the command line without a dash.
struct Positional {
  std::string_view name;  ///< "HOST:PORT"
  bool required = false;
  bool repeatable = false;
  Choices choices = {};
  std::string_view brief;
};

/// A command line worth copying, and what it is for.
struct Example {
  std::string_view line;
  std::string_view what;
};

/// What was typed for one command, checked against its rows, not yet interpreted.
class Args {
 public:
  /// Whether the flag was given at all.
  [[nodiscard]] bool has(std::string_view flag) const;
  /// The value given last, or nothing.
  [[nodiscard]] std::optional<std::string> value(std::string_view flag) const;
  /// Every value in the order given; a switch has one empty value for each time it was given.
  [[nodiscard]] const std::vector<std::string>& values(std::string_view flag) const;
  [[nodiscard]] const std::vector<std::string>& positionals() const { return positionals_; }

  void add_flag(std::string_view flag, std::vector<std::string> values);
  void add_positional(std::string text) { positionals_.push_back(std::move(text)); }

 private:
  struct Given {
    std::string flag;
    std::vector<std::string> values;
  };
  std::vector<Given> given_;
  std::vector<std::string> positionals_;
};

/// One command: a row of the command table.
struct Command {
  std::string_view name;
  std::string_view brief;     ///< one line: what it is for
  std::string_view synopsis;  ///< "[HOST:PORT]"; empty = no arguments
  std::span<const Positional> positionals;
  std::span<const Flag> flags;  ///< its own; finding_flags() and common_flags() come on top
  std::span<const Example> examples;
  ExitCode (*run)(const Args& args, Console& console);
  bool streams = false;    ///< its results come while it runs: one object a line in every machine format
  bool measures = false;   ///< its results are metrics as well: --format prometheus
  bool diagnoses = false;  ///< it has findings, and so finding_flags()
};

/// THE command table.
[[nodiscard]] std::span<const Command> commands();

/// The row with this name, or nullptr.
[[nodiscard]] const Command* find_command(std::string_view name);

/// Flags every command has: help, format, json, output, quiet, verbose, color.
[[nodiscard]] std::span<const Flag> common_flags();

/// Flags of every command that has findings: what is expected of a connection, and what follows from a finding.
[[nodiscard]] std::span<const Flag> finding_flags();

/// Its brief with the words it may have.
[[nodiscard]] std::string brief_of(const Flag& flag);

/// Its own flags, then those of findings, then the common ones.
[[nodiscard]] std::vector<Flag> all_flags(const Command& command);
