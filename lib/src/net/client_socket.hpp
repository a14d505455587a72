#pragma once

#include <tcpkit/net/connect.hpp>

#include "os/descriptor.hpp"

namespace tcpkit {

/// A socket that does not block, bound to the plan's source, with the settings that belong before connect(2).
/// `setting_refused` tells a setting the kernel refuses, which it does for every address, from other failures.
Result<os::Descriptor> client_socket(const Endpoint& address, const ConnectPlan& plan, bool& setting_refused);

/// A failure of connect(2), and what its errno value means for this address.
Error connect_error(int errno_value, const Endpoint& address);

/// EADDRNOTAVAIL with its likely reasons, any other error as it is. Reads /proc: for errors that are told, not counted.
Error with_port_shortage(Error error, const Endpoint& address);

/// No answer within the time allowed.
Error connect_timed_out(const Endpoint& address, Nanoseconds allowed);

/// A connect to a free local port can meet itself (RFC 9293 3.5, simultaneous open): nobody is listening there. True
/// for such a connection, which then ends in a reset: in TIME_WAIT it would keep the port from the server that is to
/// have it.
bool refuses_itself(int socket, const Endpoint& peer);

}  // namespace tcpkit
