#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "inspect_read.hpp"

/// What a socket is called, and what its numbers mean, in words.

/// "nginx[812]/6", escaped.
[[nodiscard]] std::string holder_text(const tcpkit::SocketHolder& holder);
/// "nginx[812]/6 127.0.0.1:80 10.0.0.1:4000": for messages.
[[nodiscard]] std::string socket_text(const Match& match);
/// For a reader, escaped; "-" for none.
[[nodiscard]] std::string endpoint_text(const tcpkit::Endpoint& endpoint);

/// "retransmit", "keepalive", ...; empty when none runs.
[[nodiscard]] std::string_view timer_name(tcpkit::SocketTimer timer);

/// What keeps a sender from sending more.
struct HeldBack {
  std::string_view by;           ///< "peer window", "send buffer", "cwnd": as `tcpkit send` says it
  unsigned percent_of_busy = 0;  ///< of the time with data to send; 0 for the congestion window, which is full now
};
/// Nothing where nothing does, or the kernel does not tell.
[[nodiscard]] std::optional<HeldBack> held_back(const tcpkit::SocketEntry& entry);

/// Whether it has completed a handshake, so that something was negotiated.
[[nodiscard]] bool is_synchronized(tcpkit::SocketState state);

/// Whether it holds another value than a socket nobody touched would: what a program, or its user, chose.
[[nodiscard]] bool was_chosen(const tcpkit::OptionReading& reading, const tcpkit::Provenance& provenance);

/// A connection that waits in the queue of its listener for accept(2).
[[nodiscard]] bool is_unaccepted(const tcpkit::SocketEntry& entry);

/// The command that looks at this socket and no other, to be pasted: "tcpkit inspect --pid 812 --local '10.0.0.1:80'
/// --listening".
[[nodiscard]] std::string selecting_command(const Match& match);
