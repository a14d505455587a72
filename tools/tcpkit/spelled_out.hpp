#pragma once

#include <span>
#include <string>
#include <vector>

#include <tcpkit/base/result.hpp>

#include "command.hpp"

/// The words with every known flag in its long form and its value in a word of its own: "-vvoX", "--format=json"
/// become "--verbose", "--verbose", "--option", "X", "--format", "json". Whatever follows a flag that wants a value is
/// that value, even when it starts with a dash or is empty; one that may go without has it after "=" or not at all.
/// Unknown flags, arguments and all after "--" stay as they are. Fails on a missing value and on a switch that is given
/// one.
[[nodiscard]] tcpkit::Result<std::vector<std::string>> spelled_out(const Command& command,
                                                                   std::span<const std::string> words);
