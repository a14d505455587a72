#pragma once

#include <span>
#include <string>

#include <tcpkit/proc/socket_set.hpp>
#include <tcpkit/report/report.hpp>

#include "inspect_find.hpp"
#include "inspect_words.hpp"

/// A setting of a socket, and what became of it.
struct Change {
  tcpkit::Setting setting;
  tcpkit::Result<tcpkit::LateSetting> result;
  bool copied = true;  ///< false: the error is about the copy of the descriptor
};

[[nodiscard]] tcpkit::Report set_head();
/// The changes of one socket. `event` = it stands alone, and says what it is.
[[nodiscard]] tcpkit::Report set_report(const Match& match, std::uint64_t netns, std::span<const Change> changes,
                                        bool event);
[[nodiscard]] tcpkit::Report set_totals(std::uint64_t sockets, std::uint64_t done, std::uint64_t failed, bool event);

/// "nginx[812]/6 127.0.0.1:80: keepidle: Operation not permitted".
[[nodiscard]] std::string failure_text(const Match& match, const Change& change);

/// The command that sets the old value again, or empty.
[[nodiscard]] std::string undo_command(const Match& match, const tcpkit::LateSetting& change);
