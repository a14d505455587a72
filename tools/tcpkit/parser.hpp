#pragma once

#include <span>
#include <string>

#include <tcpkit/base/result.hpp>

#include "command.hpp"

/// What the words after the command's name say, checked against the command's rows. Everything stays text. Where
/// --help is among them nothing else is checked for being complete.
[[nodiscard]] tcpkit::Result<Args> parse(const Command& command, std::span<const std::string> words);
