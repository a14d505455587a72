#pragma once

/// Marks what the shared library exports; everything else is hidden.
///
/// What holds for all of it, where a comment does not say otherwise:
/// - Units stand in names (`rtt_us`, `window_bytes`); a std::chrono type has its own. Descriptors stay the caller's.
/// - What can fail returns a Result: an errno value, one of getaddrinfo's, or Errc. Nothing throws but std::bad_alloc;
///   a broken precondition is a bug of the caller's, and asserts.
/// - A span, string_view or pointer into a table is valid as long as the process; one that a member returns, as long as
///   its object; an argument is needed only until the call returns.
/// - Functions may be called by several threads at once, on different sockets; an object by one at a time, or by
///   several if all of them call const members.
/// - Nothing prints, exits, or reads arguments, the environment or standard input.
#define TCPKIT_API __attribute__((visibility("default")))
