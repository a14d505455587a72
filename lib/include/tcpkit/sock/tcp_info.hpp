#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/value.hpp>

/// getsockopt(TCP_INFO) through a field table of our own, so that the header of the build host decides nothing.
namespace tcpkit {

enum class FieldKind : std::uint8_t { Number, Switch, Enumeration, Flags };

/// One field. All texts are static.
struct TcpInfoField {
  std::string_view name;     ///< the kernel's without tcpi_: "rtt"
  std::string_view key;      ///< with its unit, as in JSON: "rtt_us"
  std::uint16_t offset = 0;  ///< bytes from the start of the structure
  std::uint8_t width = 4;    ///< bytes: 1, 2, 4, 8
  std::uint8_t bit = 0;      ///< first bit, for bit fields
  std::uint8_t bits = 0;     ///< number of bits; 0 = the whole width
  FieldKind kind = FieldKind::Number;
  Unit unit = Unit::None;
  bool cumulative = false;                    ///< a count since the connection began: it never gets smaller
  std::string_view since = {};                ///< first kernel that returns it
  std::span<const NamedNumber> names = {};    ///< for Enumeration and Flags
  std::span<const NamedNumber> special = {};  ///< numbers that stand for "none": {4294967295, "no sample"}
  std::string_view ss_name = {};              ///< what ss -ti calls it, or empty
  std::string_view brief = {};
};

/// All fields in the order of their offsets. Thread-safe, constant.
[[nodiscard]] TCPKIT_API std::span<const TcpInfoField> tcp_info_fields() noexcept;

/// The field with this name or key; a leading "tcpi_" is allowed; case, '-' and '_' do not matter. nullptr if there is
/// none.
[[nodiscard]] TCPKIT_API const TcpInfoField* find_tcp_info_field(std::string_view spelling) noexcept;

/// The same for those who read a field often, and keep it; an unknown name is a bug and asserts.
[[nodiscard]] TCPKIT_API const TcpInfoField& tcp_info_field(std::string_view name) noexcept;

/// One answer of the kernel. A plain value; copies are cheap (under 512 bytes).
class TCPKIT_API TcpInfo {
 public:
  /// Takes the bytes as the kernel returned them; their number says which fields are present.
  explicit TcpInfo(std::span<const std::byte> bytes);

  /// Asks the kernel about a connected, listening or fresh TCP socket.
  static Result<TcpInfo> read(int socket);

  /// Number of bytes the kernel returned.
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

  /// The raw number, or nothing when this kernel did not return the field. Absent is not zero.
  [[nodiscard]] std::optional<std::uint64_t> get(const TcpInfoField& field) const noexcept;

  /// The same by name; an unknown name is a bug and asserts.
  [[nodiscard]] std::optional<std::uint64_t> get(std::string_view name) const noexcept;

 private:
  std::vector<std::byte> bytes_;
};

/// The number for a reader: "ESTABLISHED", "ts sack wscale", "10.2 ms", "unlimited".
[[nodiscard]] TCPKIT_API std::string format_value(const TcpInfoField& field, std::uint64_t number);

}  // namespace tcpkit
