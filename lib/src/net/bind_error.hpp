#pragma once

#include <string>

#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/endpoint.hpp>

namespace tcpkit {

/// What an errno value of bind(2) or listen(2) means for this address.
Error bind_error(int errno_value, std::string doing, const Endpoint& address);

/// Whether it is a link-local address that does not say on which interface: the kernel answers EINVAL.
bool lacks_interface(const Endpoint& address);
Error interface_missing(const Endpoint& address);

}  // namespace tcpkit
