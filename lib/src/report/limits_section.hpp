#pragma once

#include <cstdint>
#include <optional>

#include <tcpkit/report/connection.hpp>

namespace tcpkit {

/// What the values in force mean: throughput each way, and how long until a dead peer is noticed.
Section limits_section(const ConnectionFacts& facts, SysctlValues& sysctls, std::optional<std::uint64_t> bandwidth_bps);

}  // namespace tcpkit
