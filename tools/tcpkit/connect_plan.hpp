#pragma once

#include <optional>
#include <string_view>

#include <tcpkit/base/result.hpp>
#include <tcpkit/net/connect.hpp>
#include <tcpkit/net/resolve.hpp>
#include <tcpkit/net/target.hpp>

class Args;

/// What commands that connect have in common: where to, from where, with which settings.

/// HOST:PORT; an error names the argument.
[[nodiscard]] tcpkit::Result<tcpkit::Target> read_target(std::string_view text);

/// -4, -6 and --source, which have to agree with each other and with a numeric target. An address to connect from
/// settles the family of the address to connect to.
[[nodiscard]] tcpkit::Result<void> read_source(const Args& args, const tcpkit::Target* target,
                                               tcpkit::Families& families, std::optional<tcpkit::Endpoint>& source);

/// -o and --interface, in this order.
[[nodiscard]] tcpkit::Result<std::vector<tcpkit::Setting>> read_connect_settings(const Args& args);

/// --timeout, --deadline and --wait: none of them is 0.
[[nodiscard]] tcpkit::Result<void> read_connect_times(const Args& args, tcpkit::Nanoseconds& timeout,
                                                      std::optional<tcpkit::Nanoseconds>& deadline,
                                                      std::optional<tcpkit::Nanoseconds>& wait);
