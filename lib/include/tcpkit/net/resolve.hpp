#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/net/target.hpp>

namespace tcpkit {

using Clock = std::chrono::steady_clock;

/// Which addresses of a name may be used.
enum class Families : std::uint8_t { Both, Ipv4, Ipv6 };

/// All addresses of the target in the resolver's order, each once. A numeric target returns itself and asks nobody.
/// Holds the deadline whatever the name server does: the query is left behind in a thread of its own, which
/// keeps nothing of the caller's. Thread-safe.
/// Errors: resolver_category() (no such name ...), ETIMEDOUT, Errc::bad_value (numeric address of the other family).
[[nodiscard]] TCPKIT_API Result<std::vector<Endpoint>> resolve(const Target& target, Families families,
                                                               Clock::time_point deadline);

}  // namespace tcpkit
