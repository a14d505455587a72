#pragma once

#include <span>
#include <string>

#include "exit_code.hpp"

/// The whole program after its start: `words` is the command line without the program's own name.
[[nodiscard]] ExitCode run_tcpkit(std::span<const std::string> words);
