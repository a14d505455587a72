#include "console.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include <unistd.h>

#include <tcpkit/base/units.hpp>

#include "command.hpp"
#include "error_name.hpp"
#include "terminal.hpp"

namespace {

constexpr std::string_view kEraseToEnd = "\033[K";  // ECMA-48 EL

using tcpkit::Error;
using tcpkit::Field;
using tcpkit::Format;
using tcpkit::Result;

Result<const Format*> chosen_format(const Args& args) {
  const bool json = args.has("json");
  const std::string name = args.value("format").value_or(json ? "json" : "text");
  const Format* format = tcpkit::find_format(name);
  assert(format);
  if (json && name != "json") return tcpkit::bad_value(fmt::format("--json contradicts --format {}", name));
  return format;
}

/// The last machine format that the words seem to ask for, else text: what is wrong with them is not known yet.
const Format& format_meant(std::span<const std::string> words) {
  const Format* meant = tcpkit::find_format("text");
  assert(meant);
  for (std::size_t at = 0; at < words.size(); ++at) {
    std::string_view name;
    if (words[at] == "--json") name = "json";
    if (words[at].starts_with("--format=")) name = std::string_view(words[at]).substr(9);
    if (words[at] == "--format" && at + 1 < words.size()) name = words[at + 1];
    const Format* format = tcpkit::find_format(name);
    if (format && format->complete) meant = format;
  }
  return *meant;
}

Field text_field(std::string key, const std::string& text) {
  return {.key = std::move(key), .data = {text}, .text = text};
}

/// The error as machine formats show it. A bad value was met while reading the command line, and its sentence says all.
tcpkit::Report error_report(const Error& error, const std::string& schema) {
  const bool is_sentence = error.code == tcpkit::Errc::bad_value;
  tcpkit::Section section{.key = "error"};
  section.fields.push_back(text_field("doing", is_sentence ? "read the command line" : error.doing));
  section.fields.push_back(text_field("code", error_name(error.code)));
  section.fields.push_back(text_field("message", is_sentence ? error.doing : error.code.message()));
  if (!error.hint.empty()) section.fields.push_back(text_field("hint", error.hint));
  return {.schema = schema, .sections = {std::move(section)}};
}

bool has_flag(const Command& command, std::string_view name) {
  return std::ranges::find(command.flags, name, &Flag::name) != command.flags.end();
}

/// An object of several lines does not fit where each line is a result of its own.
const Format& on_lines(const Format& format) {
  const Format* one_line = tcpkit::find_format("ndjson");
  assert(one_line);
  return format.complete && !format.sums_up ? *one_line : format;
}

}  // namespace

Console::Console(const Format& format, std::string_view schema_name)
    : format_(&format), schema_(fmt::format("tcpkit.{}/1", schema_name)), errors_(STDERR_FILENO) {}

Result<Console> Console::make(const Args& args, const Command& command) {
  const auto format = chosen_format(args);
  if (!format) return format.error();
  if ((*format)->sums_up && !command.measures) {
    return tcpkit::bad_value(fmt::format("--format {}: {} has no metrics", (*format)->name, command.name));
  }
  if (args.has("output") && command.streams) {
    return tcpkit::bad_value(
        fmt::format("--output: results of {} come while it runs: > FILE keeps them", command.name));
  }
  const bool colour =
      !args.has("output") && colour_wanted(meaning_of<kColourTimes>(args.value("color").value_or("auto")));

  Console console(command.streams ? on_lines(**format) : **format, command.name);
  console.style_ = {.colour = colour, .all = has_flag(command, "all") && args.has("all"), .width = text_width()};
  console.verbosity_ = static_cast<int>(args.values("verbose").size());
  console.quiet_ = args.has("quiet");
  return console;
}

Console Console::for_errors(std::span<const std::string> words, std::string_view schema_name) {
  const Command* command = find_command(schema_name);
  const Format& format = format_meant(words);
  return Console(command && command->streams ? on_lines(format) : format, schema_name);
}

void Console::say(int level, std::string_view line) {
  if (verbosity_ >= level) warn(line);
}

tcpkit::Result<void> Console::stream(tcpkit::Report (*note)(std::uint64_t lines)) try {
  end_progress();
  redraws_ = !quiet_ && can_redraw(STDERR_FILENO);
  same_terminal_ = redraws_ && ::isatty(STDOUT_FILENO) == 1;
  output_.stream(
      [note, format = format_, style = style_](std::uint64_t lines) { return format->render(note(lines), style); });
  errors_.stream([](std::uint64_t lines) {
    return fmt::format("tcpkit: {} lines were dropped here: the reader of standard error was too slow\n", lines);
  });
  return {};
} catch (const std::system_error& failure) {  // the limit of tasks, RLIMIT_NPROC or a cgroup's
  return Error{failure.code(), "start a thread for the log"};
}

void Console::progress(std::string_view line) {
  if (quiet_ || !can_redraw(STDERR_FILENO)) return;
  errors_.write(fmt::format("\r{}{}", line, kEraseToEnd));
  if (!redraws_) progress_shown_ = true;
}

void Console::end_progress() {
  if (!progress_shown_) return;  // as always while it streams: a write here would race with other threads
  errors_.write(fmt::format("\r{}", kEraseToEnd));
  progress_shown_ = false;
}

void Console::to_stderr(std::string_view line) {
  output_.flush();
  errors_.write(fmt::format("{}{}{}\n", redraws_ ? "\r" : "", redraws_ ? kEraseToEnd : "", tcpkit::printable(line)));
}

std::string Console::rendered(const tcpkit::Report& report) const {
  std::string text = format_->render(report, style_);
  return same_terminal_ && !text.empty() ? fmt::format("\r{}{}", kEraseToEnd, text) : text;
}

void Console::print(const tcpkit::Report& report) {
  end_progress();
  output_.write(rendered(report));
}

void Console::conclude(const tcpkit::Report& report) {
  end_progress();
  output_.write_anyway(rendered(report));
}

void Console::print_line(std::string_view cells, std::string_view details) {
  if (format_->complete) return;
  end_progress();
  output_.write(tcpkit::render_line(cells, details, style_));
}

bool Console::ask(std::string_view question) {
  end_progress();
  output_.flush();
  errors_.write(fmt::format("tcpkit: {}? [y/N] ", tcpkit::printable(question)));
  std::string answer;
  char letter = 0;
  while (::read(STDIN_FILENO, &letter, 1) == 1 && letter != '\n') answer += letter;
  return answer == "y" || answer == "Y" || answer == "yes";
}

void Console::put_on_lines() {
  format_ = &on_lines(*format_);
}

void Console::gather() {
  if (::isatty(STDOUT_FILENO) != 1 && !output_.has_file()) output_.gather();
}

void Console::open_list(const tcpkit::Report& head, std::string_view key) {
  list_begun_ = false;
  list_open_ = format_->complete && !one_a_line();
  if (!list_open_) return;
  std::string text = format_->render(head, style_);
  text.resize(text.rfind("\n}"));
  output_.write(fmt::format("{},\n  \"{}\": [", text, key));
}

/// A line break inside a JSON text is never part of a value: those are escaped.
void Console::print_item(tcpkit::Report item) {
  if (!list_open_) return print(item);
  item.schema.clear();
  std::string text = "\n" + format_->render(item, style_);
  text.pop_back();
  std::string indented = std::exchange(list_begun_, true) ? "," : "";
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end) {
    end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    indented.append(text, begin, end - begin);
    if (indented.back() == '\n') indented += "    ";
  }
  end_progress();
  output_.write(indented);
}

void Console::close_list(tcpkit::Report rest) {
  if (list_open_) {
    rest.schema.clear();
    const std::string text = format_->render(rest, style_);
    output_.write(fmt::format("{}],{}", list_begun_ ? "\n  " : "", text.substr(1)));
  } else {
    print(rest);
  }
  list_open_ = false;
  output_.stop_gathering();
}

bool Console::clear_screen() {
  constexpr std::string_view kHomeAndErase = "\033[H\033[2J";  // ECMA-48 CUP, ED
  if (!can_draw()) return false;
  output_.write(kHomeAndErase);
  return true;
}

bool Console::can_draw() const {
  return !format_->complete && can_redraw(STDOUT_FILENO);
}

void Console::draw(std::string_view frame) {
  if (can_draw()) output_.write(frame);
}

ExitCode Console::fail(const Error& error) {
  end_progress();
  to_stderr("tcpkit: " + tcpkit::describe(error));
  if (!error.hint.empty()) to_stderr(error.hint);
  if (list_open_) {
    close_list(error_report(error, schema_));
  } else if (format_->complete) {
    print(error_report(error, schema_));
  }
  return exit_code(error);
}

void Console::complain(std::string_view line) {
  end_progress();
  to_stderr(fmt::format("tcpkit: {}", line));
}

void Console::warn(std::string_view line) {
  if (!quiet_) complain(line);
}

ExitCode Console::finish(ExitCode code) {
  if (redraws_) errors_.write(fmt::format("\r{}", kEraseToEnd));
  return output_.finish(code, errors_);
}
