#pragma once

#include <system_error>

#include <tcpkit/net/resolve.hpp>
#include <tcpkit/sock/endpoint.hpp>

namespace tcpkit {

/// Connects a non-blocking socket and waits for the end of it: ETIMEDOUT when `until` passes first, ECANCELED when the
/// descriptor `stop` becomes readable.
std::error_code shake_hands(int socket, const Endpoint& peer, Clock::time_point until, int stop = -1);

}  // namespace tcpkit
