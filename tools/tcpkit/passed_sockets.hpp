#pragma once

#include <string>
#include <vector>

#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/endpoint.hpp>

/// A listening socket that whoever started this program passed to it: sd_listen_fds(3).
struct PassedSocket {
  int descriptor = -1;
  tcpkit::Endpoint address;
  std::string name = {};  ///< of LISTEN_FDNAMES, or empty
};

/// What LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES of the environment pass to this process, and nothing if they do not.
/// Fails unless each of them is a TCP socket that listens.
[[nodiscard]] tcpkit::Result<std::vector<PassedSocket>> passed_sockets();

/// "socket web passed as descriptor 3".
[[nodiscard]] std::string describe_passed(const PassedSocket& socket);
