#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tcpkit/base/result.hpp>

#include "exit_code.hpp"
#include "line_stream.hpp"
#include "output_file.hpp"

/// A standard stream, unbuffered unless told otherwise and checked: the first failure is kept, and nothing more is
/// written after it.
class Output {
 public:
  /// Standard output unless told otherwise.
  Output();
  explicit Output(int descriptor) : descriptor_(descriptor) {}

  void write(std::string_view text);
  /// The same, but never dropped: for last words.
  void write_anyway(std::string_view text) { stream_ ? stream_->write_anyway(text) : write(text); }

  /// From now on write() keeps everything for this file, which finish() writes. Fails where that cannot be.
  [[nodiscard]] tcpkit::Result<void> write_to(const std::string& file);
  [[nodiscard]] bool has_file() const { return file_.has_value(); }

  /// From now on write() keeps what it is given until there is enough for a large write(2); not of a stream.
  void gather() { gathers_ = true; }
  /// Writes what was kept.
  void flush();
  void stop_gathering();

  /// Whether no write has failed so far; not to be asked of a stream.
  [[nodiscard]] bool works() const { return errno_ == 0; }

  /// From now on write() never waits for a reader, and is thread-safe; `note` stands for lines that were dropped.
  void stream(LineStream::DropNote note);
  /// Lines that were dropped since.
  [[nodiscard]] std::uint64_t dropped() const { return stream_ ? stream_->dropped() : 0; }

  /// `code`, unless the output could not be written: then one line on `errors` and LocalLimit. A reader that closed its
  /// end of the pipe has seen enough, which is no failure. Nothing is written after it, to neither.
  [[nodiscard]] ExitCode finish(ExitCode code, Output& errors);

 private:
  int close();
  void write_now(std::string_view text);

  int descriptor_;
  int errno_ = 0;
  bool gathers_ = false;
  std::string gathered_;
  std::unique_ptr<LineStream> stream_;
  std::optional<OutputFile> file_;
};
