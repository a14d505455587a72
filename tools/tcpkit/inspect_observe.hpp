#pragma once

#include <tcpkit/diag/observation.hpp>

#include "inspect_read.hpp"

/// What rules are asked about a socket of another program, from what was read of it.
[[nodiscard]] tcpkit::Observation observe_foreign(const Match& match, const InspectedSocket& socket,
                                                  const tcpkit::Expectations& expected);
