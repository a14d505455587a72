#include <tcpkit/sock/tcp_info.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <chrono>
#include <cstring>
#include <limits>

#include <fmt/format.h>
#include <netinet/in.h>

#include <tcpkit/base/units.hpp>

#include "sock/named_numbers.hpp"
#include "sock/tcp_info_reader.hpp"

namespace tcpkit {
namespace {

constexpr int kTcpInfo = 11;  // TCP_INFO of include/uapi/linux/tcp.h

// Room for more than any kernel returns today (280 bytes in 6.18), so that size() tells a longer answer from a cut one.
constexpr std::size_t kRoom = 512;

template <class Word>
std::uint64_t load(const std::byte* from) noexcept {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

std::uint64_t load(const std::byte* from, std::uint8_t width) noexcept {
  switch (width) {
    case 1:
      return load<std::uint8_t>(from);
    case 2:
      return load<std::uint16_t>(from);
    case 4:
      return load<std::uint32_t>(from);
    default:
      return load<std::uint64_t>(from);
  }
}

// The structure declares its bit-fields once for all machines, and compilers allot them from the least significant
// bit on little endian, from the most significant one on big endian.
std::uint64_t take_bits(const TcpInfoField& field, std::uint64_t word) noexcept {
  const unsigned shift =
      std::endian::native == std::endian::little ? field.bit : field.width * 8U - field.bit - field.bits;
  return (word >> shift) & ((std::uint64_t{1} << field.bits) - 1);
}

template <class Duration>
std::string format_time(std::uint64_t number, const char* unit) {
  constexpr auto kMost = std::chrono::duration_cast<Duration>(Nanoseconds::max()).count();
  if (number > static_cast<std::uint64_t>(kMost)) return fmt::format("{} {}", number, unit);
  return format_duration(Duration(static_cast<typename Duration::rep>(number)));
}

// Segment sizes are compared to the byte, so a rounded text never stands alone.
std::string format_size(std::uint64_t bytes) {
  constexpr std::uint64_t kReadableAsItIs = 10'240;
  if (bytes < kReadableAsItIs) return fmt::format("{} B", bytes);
  return fmt::format("{} ({})", bytes, format_bytes(bytes));
}

std::string format_rate(std::uint64_t bytes_per_second) {
  if (bytes_per_second > std::numeric_limits<std::uint64_t>::max() / 8) {
    return fmt::format("{} bytes/s", bytes_per_second);
  }
  return format_bit_rate(bytes_per_second * 8);
}

std::string format_number(Unit unit, std::uint64_t number) {
  switch (unit) {
    case Unit::Microseconds:
      return format_time<std::chrono::microseconds>(number, "us");
    case Unit::Milliseconds:
      return format_time<std::chrono::milliseconds>(number, "ms");
    case Unit::Bytes:
      return format_size(number);
    case Unit::BytesPerSecond:
      return format_rate(number);
    default:
      return fmt::format("{}", number);
  }
}

}  // namespace

TcpInfo::TcpInfo(std::span<const std::byte> bytes) : bytes_(bytes.begin(), bytes.end()) {}

Result<TcpInfo> TcpInfo::read(int socket) {
  return read_tcp_info(os::real_kernel(), socket);
}

std::optional<std::uint64_t> TcpInfo::get(const TcpInfoField& field) const noexcept {
  if (std::size_t{field.offset} + field.width > bytes_.size()) return std::nullopt;
  const std::uint64_t word = load(bytes_.data() + field.offset, field.width);
  return field.bits == 0 ? word : take_bits(field, word);
}

std::optional<std::uint64_t> TcpInfo::get(std::string_view name) const noexcept {
  return get(tcp_info_field(name));
}

const TcpInfoField& tcp_info_field(std::string_view name) noexcept {
  const TcpInfoField* field = find_tcp_info_field(name);
  assert(field != nullptr);
  return *field;
}

Result<TcpInfo> read_tcp_info(os::Kernel& kernel, int socket) {
  std::array<std::byte, kRoom> answer;
  std::size_t length = answer.size();
  if (const std::error_code error = kernel.get_option(socket, IPPROTO_TCP, kTcpInfo, answer.data(), length)) {
    return Error{error, "read TCP_INFO"};
  }
  return TcpInfo(std::span(answer).first(std::min(length, answer.size())));
}

std::string format_value(const TcpInfoField& field, std::uint64_t number) {
  if (const auto name = name_of(field.special, number); !name.empty()) return std::string(name);
  switch (field.kind) {
    case FieldKind::Switch:
      return number != 0 ? "yes" : "no";
    case FieldKind::Enumeration: {
      const auto name = name_of(field.names, number);
      return name.empty() ? fmt::format("{}", number) : std::string(name);
    }
    case FieldKind::Flags:
      return format_flags(field.names, number);
    case FieldKind::Number:
      break;
  }
  return format_number(field.unit, number);
}

}  // namespace tcpkit
