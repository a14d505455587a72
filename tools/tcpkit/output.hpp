#pragma once

#include <string_view>

#include "exit_code.hpp"

/// Standard output, unbuffered and checked: the first failure is kept, and nothing more is written after it.
class Output {
 public:
  void write(std::string_view text);

  /// `code`, unless the output could not be written: then one line on stderr and LocalLimit. A reader that closed its
  /// end of the pipe has seen enough, which is no failure.
  [[nodiscard]] ExitCode finish(ExitCode code) const;

 private:
  int errno_ = 0;
};
