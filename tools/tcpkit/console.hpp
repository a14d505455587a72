#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <tcpkit/base/result.hpp>
#include <tcpkit/report/render.hpp>
#include <tcpkit/report/report.hpp>

#include "exit_code.hpp"
#include "output.hpp"

class Args;
struct Command;

/// Where a command's words go: data to stdout, everything else to stderr, in the format and colour asked for.
/// It is the only place that knows the output format. An output that cannot be written is remembered and becomes
/// the exit status. Not thread-safe before stream(), thread-safe after it.
class Console {
 public:
  /// What the common flags say, and --all where the command has it. Fails on an unknown --format or --color.
  static tcpkit::Result<Console> make(const Args& args, const Command& command);

  /// For a command line that could not be understood: `words` is searched for a wish for a machine format.
  /// `schema_name` is the command's name.
  static Console for_errors(std::span<const std::string> words, std::string_view schema_name);

  /// Whether the format shows every field, so that all facts must be gathered.
  [[nodiscard]] bool complete() const { return format_->complete; }
  /// Whether every result is to be an object on a line of its own, so that there may be several.
  [[nodiscard]] bool one_a_line() const { return format_->name == "ndjson"; }
  /// Whether it takes the numbers of a whole result alone, in one report.
  [[nodiscard]] bool sums_up() const { return format_->sums_up; }
  [[nodiscard]] bool all() const { return style_.all; }
  [[nodiscard]] int verbosity() const { return verbosity_; }

  /// For a command that runs on: from now on no call waits for a reader. Lines that a slow one leaves no room for are
  /// dropped; on stdout `note` stands for them.
  /// Fails where no thread can be started.
  [[nodiscard]] tcpkit::Result<void> stream(tcpkit::Report (*note)(std::uint64_t lines));
  /// Lines that were dropped since, on both streams.
  [[nodiscard]] std::uint64_t dropped() const { return output_.dropped() + errors_.dropped(); }

  /// From now on results are kept for this file, and finish() writes it. Fails where that cannot be.
  [[nodiscard]] tcpkit::Result<void> write_to(const std::string& file) { return output_.write_to(file); }

  /// Renders a report to stdout.
  void print(const tcpkit::Report& report);
  /// An empty line between two results for people.
  void separate() { print_line(""); }
  /// A line for people alone; of a list with details, which may take more lines.
  void print_line(std::string_view cells, std::string_view details = {});
  /// A question on the terminal; false unless the answer is yes.
  [[nodiscard]] bool ask(std::string_view question);
  /// From now on every result is an object on a line of its own, if it is for programs: for a run that goes on.
  void put_on_lines();
  /// Until close_list() what is written is put together, unless a person waits for it: one write for many lines.
  void gather();
  /// Begins a result whose last key, `key`, is a list too long to be kept: `head`, then items as they come, then the
  /// rest. In ndjson each of these is a line of its own; text has no head.
  void open_list(const tcpkit::Report& head, std::string_view key);
  /// One of them. Its schema shows only where it stands alone.
  void print_item(tcpkit::Report item);
  /// What comes after the items.
  void close_list(tcpkit::Report rest);
  /// Clears the terminal that stdout is, so that what comes is drawn over what was there. False where it is none.
  bool clear_screen();
  /// Whether stdout is a terminal that can be drawn on, and meant for people.
  [[nodiscard]] bool can_draw() const;
  /// Writes there as it is, control sequences included: what came from elsewhere has been escaped.
  void draw(std::string_view frame);
  /// False once something could not be written to stdout: nothing more will be.
  [[nodiscard]] bool can_print() const { return output_.works(); }
  /// The same for the last one of many: it is not dropped.
  void conclude(const tcpkit::Report& report);
  /// "tcpkit: doing: why" and the hint on a second line on stderr; in machine formats an error object on stdout as
  /// well. Returns the exit status for the error.
  ExitCode fail(const tcpkit::Error& error);
  /// One line on stderr: what failed, of several things done.
  void complain(std::string_view line);
  /// One line on stderr, unless -q: a warning or a change.
  void warn(std::string_view line);
  /// One line on stderr for those who asked for more: level 1 with -v, level 2 with -vv.
  void say(int level, std::string_view line);
  /// How far a long run is: one line on stderr, drawn over the one before; nothing where stderr is not a terminal.
  void progress(std::string_view line);

  /// The exit status of the whole run: `code`, unless output could not be written.
  [[nodiscard]] ExitCode finish(ExitCode code);

 private:
  Console(const tcpkit::Format& format, std::string_view schema_name);
  void end_progress();
  void to_stderr(std::string_view line);
  [[nodiscard]] std::string rendered(const tcpkit::Report& report) const;

  const tcpkit::Format* format_;
  tcpkit::Style style_;
  std::string schema_;  // "tcpkit.probe/1"
  int verbosity_ = 0;
  bool quiet_ = false;
  bool progress_shown_ = false;
  bool list_open_ = false;      // what is written is inside of one JSON object
  bool list_begun_ = false;     // and it has an item
  bool redraws_ = false;        // streaming, with progress on a terminal: every line may have to erase one
  bool same_terminal_ = false;  // and stdout is one, too
  Output output_;
  Output errors_;
};
