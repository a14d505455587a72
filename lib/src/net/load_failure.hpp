#pragma once

#include <string_view>

#include <tcpkit/net/load.hpp>

#include "net/flow.hpp"
#include "net/request_path.hpp"

namespace tcpkit {

/// A failure of a flow in words: what came, and what should have.
Error failure_example(const Flow& flow, const FlowTurn& turn, const Endpoint& peer, std::string_view request);

}  // namespace tcpkit
