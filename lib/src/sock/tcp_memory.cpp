#include "sock/tcp_memory.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <vector>

#include <tcpkit/base/units.hpp>

#include "base/split.hpp"

namespace tcpkit {
namespace {

constexpr const char* kSockstat = "/proc/thread-self/net/sockstat";
constexpr const char* kDoing = "read /proc/thread-self/net/sockstat";

}  // namespace

/// "TCP: inuse 8 orphan 0 tw 2 alloc 9 mem 3": the name of a number stands before it.
std::optional<std::uint64_t> parse_tcp_memory_pages(std::string_view content) {
  for (const std::string_view line : split(content, '\n')) {
    if (!line.starts_with("TCP:")) continue;
    const std::vector<std::string_view> parts = words(line);
    const auto name = std::ranges::find(parts, "mem");
    if (name == parts.end() || name + 1 == parts.end()) return std::nullopt;
    const Result<std::uint64_t> pages = parse_unsigned(*(name + 1), 0, UINT64_MAX);
    return pages ? std::optional(*pages) : std::nullopt;
  }
  return std::nullopt;
}

Result<std::uint64_t> read_tcp_memory_pages(os::Kernel& kernel) {
  std::string content;
  if (const std::error_code error = kernel.read_file(kSockstat, content)) return Error{error, kDoing};
  const std::optional<std::uint64_t> pages = parse_tcp_memory_pages(content);
  return pages ? Result<std::uint64_t>(*pages) : system_error(EBADMSG, kDoing);
}

Result<std::uint64_t> read_tcp_memory_pages() {
  return read_tcp_memory_pages(os::real_kernel());
}

}  // namespace tcpkit
