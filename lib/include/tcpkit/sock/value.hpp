#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tcpkit {

/// One named number of a structured value: {"linger", 3}.
struct Member {
  std::string name;
  std::int64_t value = 0;

  friend bool operator==(const Member&, const Member&) = default;
};

using Structure = std::vector<Member>;
using Numbers = std::vector<std::int64_t>;

/// A decoded value of a socket option, sysctl or TCP_INFO field, in the kernel's own unit:
/// switch, number, number above 2^63, text or bytes, triple or list of numbers, structure.
using Value = std::variant<bool, std::int64_t, std::uint64_t, std::string, Numbers, Structure>;

/// A number with a meaning of its own: {0, "WANT"}; also the bit values of a bit set.
struct NamedNumber {
  std::uint64_t number = 0;
  std::string_view name;
};

// g++ 12 takes the scoped enumerator Nanoseconds for a shadow of the type of that name.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
/// What a number counts. Values are always in the kernel's unit; this names it.
enum class Unit : std::uint8_t {
  None,
  Bytes,
  BytesPerSecond,
  Seconds,
  Milliseconds,
  Microseconds,
  Nanoseconds,
  Segments,
  Packets,
  Hops,
  Connections,
  Count,
  Percent,
  Ports,
  Pages,
};
#pragma GCC diagnostic pop

}  // namespace tcpkit
