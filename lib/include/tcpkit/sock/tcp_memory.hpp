#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>

namespace tcpkit {

/// How many pages the buffers of all TCP sockets of this host have reserved: what net.ipv4.tcp_mem is held against. The
/// number is the host's in every network namespace. Fails with the errno of reading /proc/net/sockstat. Thread-safe.
[[nodiscard]] TCPKIT_API Result<std::uint64_t> read_tcp_memory_pages();

/// The same in the content of that file. Any content is safe to pass.
[[nodiscard]] TCPKIT_API std::optional<std::uint64_t> parse_tcp_memory_pages(std::string_view content);

}  // namespace tcpkit
