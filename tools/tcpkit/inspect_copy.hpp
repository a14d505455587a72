#pragma once

#include <string>

#include <tcpkit/proc/foreign_socket.hpp>

#include "inspect_find.hpp"

/// A copy from the first of its holders that gives one; else why the first one did not that is still there, if there is
/// one. Without a holder EPERM where a process that may not be looked into can be one, else ESRCH.
[[nodiscard]] tcpkit::Result<tcpkit::ForeignSocket> copy_socket(const Match& match, const tcpkit::Holders& holders,
                                                                tcpkit::ProcessDoors& doors,
                                                                tcpkit::CopyCloser& closer);

/// Why a socket has no holder, for a reader: "unreadable: no process ... that may be looked into has it open".
[[nodiscard]] std::string describe_no_holder(const tcpkit::SocketEntry& entry, const tcpkit::Holders& holders);

/// Whether it has no holder that may be seen because there are processes that may not be looked into.
[[nodiscard]] bool may_be_hidden(const tcpkit::SocketEntry& entry, const tcpkit::Holders& holders);
