#pragma once

#include <vector>

#include <tcpkit/report/report.hpp>

#include "inspect_read.hpp"

/// {accept_queue, backlog, somaxconn, overflows, drops, own_drops, sharing}
[[nodiscard]] tcpkit::Data accept_queue_data(const InspectedSocket& socket);

/// Rows of the full report: the queue of connections to accept, what was dropped, what accepted sockets will inherit.
[[nodiscard]] std::vector<tcpkit::Field> listener_rows(const InspectedSocket& socket);
