#pragma once

#include <span>
#include <string>
#include <vector>

#include <tcpkit/proc/listeners.hpp>

/// Another program's listener where we are about to listen.
struct Neighbour {
  tcpkit::Endpoint ours;
  tcpkit::ListeningSocket theirs;
};

/// Those on the ports of these addresses, each process once for an address; a free port (0) has none. What cannot be
/// looked at is left out: binding will tell.
[[nodiscard]] std::vector<Neighbour> find_neighbours(std::span<const tcpkit::Endpoint> addresses);

/// "port 8888 is shared with pid 4711 (name): it gets part of the connections".
[[nodiscard]] std::string describe_sharing(const Neighbour& neighbour);

/// "held by pid 4711 (name)": why binding failed; empty without neighbours.
[[nodiscard]] std::string describe_holders(std::span<const Neighbour> neighbours);
