#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/sock/sysctl.hpp>

namespace tcpkit {

/// Sysctls of the calling thread's network namespace, each read at most once, when first asked for.
/// Not thread-safe.
class TCPKIT_API SysctlValues {
 public:
  /// The reading of a row of the table; a name that is no row is a bug and asserts. The reference lives as long as
  /// this object.
  const SysctlReading& get(std::string_view name);

  /// A number, or one element of a triple; nothing when it could not be read.
  std::optional<std::int64_t> number(std::string_view name, int index = 0);
  /// A name or list, or nothing.
  std::optional<std::string> text(std::string_view name);

  /// For tests and for other namespaces: what get() will answer from now on.
  void put(SysctlReading reading);

 private:
  std::vector<std::optional<SysctlReading>> readings_;  // in table order, sized at first use
};

}  // namespace tcpkit
