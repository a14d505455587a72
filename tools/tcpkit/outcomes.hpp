#pragma once

#include <span>

#include <tcpkit/sock/settings.hpp>

class Console;

/// Tells changes to everybody, and what went as asked to those who want more. Whether there was a change.
bool tell_outcomes(std::span<const tcpkit::Outcome> outcomes, Console& console);
