#pragma once

#include <string>

#include "command.hpp"

/// "tcpkit 0.1.0\n".
[[nodiscard]] std::string version();

/// Three lines for stderr when no command was given.
[[nodiscard]] std::string usage();

/// What `tcpkit --help` shows.
[[nodiscard]] std::string overview();

/// What `tcpkit COMMAND --help` shows.
[[nodiscard]] std::string help(const Command& command);

/// "-o, --option NAME ...", as help heads a flag; the dots stand for a flag that may be repeated.
[[nodiscard]] std::string flag_term(const Flag& flag);
