#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>

namespace tcpkit {

/// The group TcpExt of /proc/net/netstat: what happened in a network namespace since it was made. A plain value.
class TCPKIT_API NetCounters {
 public:
  /// Reads those of the calling thread's network namespace. Fails with the errno of reading. Thread-safe.
  static Result<NetCounters> read();

  /// The counters in the content of that file. Any content is safe to pass; what is not understood is left out.
  static NetCounters parse(std::string_view content);

  /// By the kernel's name: "ListenOverflows". Nothing where this kernel does not show it.
  [[nodiscard]] std::optional<std::uint64_t> get(std::string_view name) const noexcept;

 private:
  std::vector<std::pair<std::string, std::uint64_t>> counters_;
};

}  // namespace tcpkit
