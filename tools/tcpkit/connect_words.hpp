#pragma once

#include <span>
#include <string>

#include <tcpkit/net/connect.hpp>

class Console;

/// What commands that connect tell while they do.

/// The addresses of a name, to those who want more.
void tell_addresses(const std::string& host, std::span<const tcpkit::Endpoint> addresses, Console& console);

/// An address that did not answer, to everybody; one that did, to those who want more.
void tell_attempt(const tcpkit::Attempt& attempt, Console& console);

/// All of them. Of a connect that failed the last one is the error, and left to be told as such.
void tell_attempts(std::span<const tcpkit::Attempt> attempts, bool connected, Console& console);
