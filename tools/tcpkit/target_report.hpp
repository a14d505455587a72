#pragma once

#include <optional>
#include <span>

#include <tcpkit/base/result.hpp>
#include <tcpkit/base/units.hpp>
#include <tcpkit/net/connect.hpp>
#include <tcpkit/net/target.hpp>
#include <tcpkit/report/report.hpp>

/// What reports of a client say about whom it connected to, and how.

/// target{host,port,address,family}: as typed, and who answered.
[[nodiscard]] tcpkit::Section target_section(const tcpkit::Target& target, const tcpkit::Endpoint& peer);

/// timing{resolve_us,connect_us}; without a time to resolve there was no name.
[[nodiscard]] tcpkit::Section timing_section(std::optional<tcpkit::Nanoseconds> resolve, tcpkit::Nanoseconds connect);

/// attempts[{address,error,code,took_us}].
[[nodiscard]] tcpkit::Section attempts_section(std::span<const tcpkit::Attempt> attempts);

/// {doing,code,message}, with a hint where there is one; or null.
[[nodiscard]] tcpkit::Data failure_data(const std::optional<tcpkit::Error>& failure);
