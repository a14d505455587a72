#pragma once

#include <vector>

#include <tcpkit/net/server.hpp>

#include "os/descriptor.hpp"

namespace tcpkit {

/// Sockets that listen on plan.addresses, in their order, and do not block. Those with port 0 share one free port,
/// which is written back to the plan. Copies of plan.sockets, if there are any. All or none.
Result<std::vector<os::Descriptor>> listen_on_all(ServePlan& plan);

}  // namespace tcpkit
