#pragma once

#include <string>

#include <tcpkit/base/result.hpp>
#include <tcpkit/net/resolve.hpp>

#include "send_plan.hpp"

/// The bytes of a request or a write of a measurement: those of the message, read whole from its file or standard
/// input, or made up. Fails where they cannot be read, and where there are too few or too many of them. Standard input
/// and pipes are waited for until `deadline`.
[[nodiscard]] tcpkit::Result<std::string> make_request(const SendPlan& plan, tcpkit::Clock::time_point deadline);
