#pragma once

#include <vector>

#include <tcpkit/net/server.hpp>

#include "os/descriptor.hpp"

namespace tcpkit {

/// Sockets that listen on plan.addresses, in their order, and do not block. Those with port 0 share one free port,
/// which is written back to the plan. All or none.
Result<std::vector<os::Descriptor>> listen_on_all(ServePlan& plan);

/// The settings of the plan for one address.
std::vector<Setting> settings_for(const ServePlan& plan, const Endpoint& address);

}  // namespace tcpkit
