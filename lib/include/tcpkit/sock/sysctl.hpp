#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <tcpkit/base/api.hpp>
#include <tcpkit/sock/value.hpp>

/// The sysctls under /proc/sys/net that bear on TCP: one row each.
namespace tcpkit {

enum class SysctlKind : std::uint8_t {
  Switch,  ///< 0 or 1 -> bool
  Scalar,  ///< one number -> int64
  Bitmap,  ///< one number whose bits mean something -> int64
  Triple,  ///< three numbers (a pair: two) -> numbers
  List,    ///< words separated by blanks -> string
  Name,    ///< one word -> string
};

enum class Scope : std::uint8_t {
  Namespace,       ///< each network namespace has its own
  Global,          ///< one for the host, readable in every namespace
  GlobalInitOnly,  ///< one for the host; the file exists in the initial network namespace only
};

/// One row. All texts are static.
struct Sysctl {
  std::string_view name;  ///< "net.ipv4.tcp_rmem": unique; the table is sorted by it
  SysctlKind kind = SysctlKind::Scalar;
  Unit unit = Unit::None;
  Scope scope = Scope::Namespace;
  std::string_view usual = {};    ///< the upstream default, as text
  std::string_view since = {};    ///< first kernel, when the row knows
  std::string_view governs = {};  ///< what it does, one line
  std::string_view caveat = {};   ///< advice and surprises, or empty
  bool secret = false;            ///< a key: never read, so that it cannot reach a report
};

/// What reading one sysctl gave: a value, or the reason why there is none.
struct SysctlReading {
  const Sysctl* sysctl = nullptr;
  std::optional<Value> value;
  std::string reason;  ///< "absent: no such file in this network namespace", "unreadable: Permission denied", "not
                       ///< read: a secret"; "" with a value
};

/// All rows, sorted by name. Thread-safe, constant.
[[nodiscard]] TCPKIT_API std::span<const Sysctl> sysctls() noexcept;

/// The row with this name: "net.ipv4.tcp_rmem", "net/ipv4/tcp_rmem" or the last part alone, "tcp_rmem",
/// where that is unique. nullptr if there is none.
[[nodiscard]] TCPKIT_API const Sysctl* find_sysctl(std::string_view spelling) noexcept;

/// Reads the value in the calling thread's network namespace. Thread-safe.
[[nodiscard]] TCPKIT_API SysctlReading read_sysctl(const Sysctl& sysctl);

/// "global" or "per namespace".
[[nodiscard]] TCPKIT_API std::string_view scope_name(Scope scope) noexcept;

}  // namespace tcpkit
