#include "sock/codec.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "sock/catalogue.hpp"

namespace tcpkit {
namespace {

constexpr int kProtocolMptcp = 262;  // IPPROTO_MPTCP, newer than some headers

using Bytes = std::span<const std::byte>;

template <class T>
T load(Bytes bytes, std::size_t offset = 0) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

template <class T>
std::vector<std::byte> bytes_of(const T& value) {
  std::vector<std::byte> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

/// The least the kernel must return for a value of this kind.
std::size_t needed_bytes(const Option& option) {
  switch (option.kind) {
    case Kind::Unsigned64:
      return sizeof(std::uint64_t);
    case Kind::Linger:
      return sizeof(linger);
    case Kind::Timeval:
      return sizeof(timeval);
    case Kind::Words:
      return option.names.size() * sizeof(std::uint32_t);
    case Kind::Address:
      return sizeof(sockaddr_in);
    case Kind::Name:
    case Kind::Bytes:
      return 0;
    default:
      return sizeof(int);
  }
}

Structure decode_linger(Bytes bytes) {
  const auto value = load<linger>(bytes);
  return Structure{{"onoff", value.l_onoff}, {"linger", value.l_linger}};
}

/// Microseconds; a time too long for them saturates, which a reader cannot tell from for ever anyway.
std::int64_t decode_timeval(Bytes bytes) {
  constexpr std::int64_t kMicroseconds = 1'000'000;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const auto value = load<timeval>(bytes);
  const std::int64_t seconds = value.tv_sec;
  if (seconds >= kMost / kMicroseconds) return kMost;
  return seconds * kMicroseconds + std::int64_t{value.tv_usec};
}

Structure decode_words(const Option& option, Bytes bytes) {
  Structure words;
  words.reserve(option.names.size());
  for (std::size_t i = 0; i < option.names.size(); ++i) {
    words.push_back({std::string(option.names[i].name), load<std::uint32_t>(bytes, i * sizeof(std::uint32_t))});
  }
  return words;
}

Numbers decode_port_range(Bytes bytes) {
  const auto both = load<std::uint32_t>(bytes);
  return Numbers{both & 0xffffU, both >> 16U};
}

/// Names come with or without a final zero byte, some padded with them.
std::string decode_name(Bytes bytes) {
  const auto end = std::find(bytes.begin(), bytes.end(), std::byte{0});
  std::string text;
  for (auto byte = bytes.begin(); byte != end; ++byte) text.push_back(static_cast<char>(*byte));
  return text;
}

std::string decode_hex(Bytes bytes) {
  std::string text;
  for (const std::byte byte : bytes) text += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return text;
}

std::optional<std::string> decode_address(Bytes bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto family = load<sa_family_t>(bytes);
  if (family == AF_INET) {
    const auto address = load<sockaddr_in>(bytes);
    ::inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
    return fmt::format("{}:{}", text.data(), ntohs(address.sin_port));
  }
  if (family != AF_INET6 || bytes.size() < sizeof(sockaddr_in6)) return std::nullopt;
  const auto address = load<sockaddr_in6>(bytes);
  ::inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
  return fmt::format("[{}]:{}", text.data(), ntohs(address.sin6_port));
}

std::vector<std::byte> encode_linger(const Structure& value) {
  linger bytes{};
  bytes.l_onoff = static_cast<int>(value.at(0).value);
  bytes.l_linger = static_cast<int>(value.at(1).value);
  return bytes_of(bytes);
}

std::vector<std::byte> encode_timeval(std::int64_t microseconds) {
  timeval bytes{};
  bytes.tv_sec = static_cast<time_t>(microseconds / 1'000'000);
  bytes.tv_usec = static_cast<suseconds_t>(microseconds % 1'000'000);
  return bytes_of(bytes);
}

std::vector<std::byte> encode_words(const Structure& value) {
  std::vector<std::byte> bytes;
  for (const Member& member : value) {
    const auto word = bytes_of(static_cast<std::uint32_t>(member.value));
    bytes.insert(bytes.end(), word.begin(), word.end());
  }
  return bytes;
}

std::vector<std::byte> encode_port_range(const Numbers& value) {
  const auto low = static_cast<std::uint32_t>(value.at(0));
  const auto high = static_cast<std::uint32_t>(value.at(1));
  return bytes_of(low | high << 16U);
}

std::vector<std::byte> encode_name(const std::string& text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

unsigned hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return static_cast<unsigned>(digit - '0');
  return static_cast<unsigned>((digit | 0x20) - 'a' + 10);
}

std::vector<std::byte> encode_hex(const std::string& text) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(hex_digit(text[i]) << 4U | hex_digit(text[i + 1])));
  }
  return bytes;
}

std::optional<int> read_int(os::Kernel& kernel, int socket, int number) {
  int value = 0;
  std::size_t length = sizeof value;
  if (kernel.get_option(socket, SOL_SOCKET, number, &value, length) || length != sizeof value) return std::nullopt;
  return value;
}

/// The kernel refused the number itself: is that because of the socket or because of the kernel?
std::string_view why_refused(os::Kernel& kernel, int socket, const Option& option) {
  constexpr std::string_view kNotApplicable = "not applicable";
  if (option.applies == Applies::NotToTcp) return kNotApplicable;
  if (option.applies == Applies::Ipv6 && read_int(kernel, socket, SO_DOMAIN) == AF_INET) return kNotApplicable;
  // A multipath socket passes only some options on to its subflows (net/mptcp/sockopt.c).
  if (read_int(kernel, socket, SO_PROTOCOL) == kProtocolMptcp) return kNotOnMultipath;
  return "not known to this kernel";
}

std::string reason_for(os::Kernel& kernel, int socket, const Option& option, std::error_code error) {
  switch (error.value()) {
    case ENOPROTOOPT:
    case EOPNOTSUPP:
      return std::string(why_refused(kernel, socket, option));
    case ENODATA:
      return "not applicable";
    case ENOTCONN:
      return "not connected";
    default:
      return "unreadable: " + error.message();
  }
}

/// Empty where it is asked.
std::string_view why_never_asked(const Option& option) {
  if (option.consuming_read) return "consuming read";
  if (option.access == Access::WriteOnly) return "write-only";
  return option.secret ? "not read: a secret" : "";
}

std::error_code ask(os::Kernel& kernel, int socket, const Option& option, std::byte* out, std::size_t& length) {
  const auto error = kernel.get_option(socket, option.level, option.number, out, length);
  if (option.kind != Kind::Address || error != std::errc::invalid_argument) return error;
  // SO_PEERNAME refuses more room than the family's address takes (net/core/sock.c): ask again for the short one.
  length = sizeof(sockaddr_in);
  return kernel.get_option(socket, option.level, option.number, out, length);
}

}  // namespace

std::optional<Value> decode(const Option& option, Bytes bytes) {
  if (bytes.size() < needed_bytes(option)) return std::nullopt;
  switch (option.kind) {
    case Kind::Switch:
      return load<int>(bytes) != 0;
    case Kind::Integer:
    case Kind::Enumeration:
    case Kind::Flags:
      return std::int64_t{load<int>(bytes)};
    case Kind::Unsigned32:
      return std::int64_t{load<std::uint32_t>(bytes)};
    case Kind::Unsigned64:
      return load<std::uint64_t>(bytes);
    case Kind::NetworkIndex:
      return std::int64_t{ntohl(load<std::uint32_t>(bytes))};
    case Kind::Linger:
      return decode_linger(bytes);
    case Kind::Timeval:
      return decode_timeval(bytes);
    case Kind::PortRange:
      return decode_port_range(bytes);
    case Kind::Words:
      return decode_words(option, bytes);
    case Kind::Name:
      return decode_name(bytes);
    case Kind::Bytes:
      return decode_hex(bytes);
    case Kind::Address:
      return decode_address(bytes);
  }
  return std::nullopt;
}

std::vector<std::byte> encode(const Option& option, const Value& value) {
  switch (option.kind) {
    case Kind::Switch:
      return bytes_of(std::get<bool>(value) ? 1 : 0);
    case Kind::Integer:
    case Kind::Enumeration:
    case Kind::Flags:
      return bytes_of(static_cast<int>(std::get<std::int64_t>(value)));
    case Kind::Unsigned32:
      return bytes_of(static_cast<std::uint32_t>(std::get<std::int64_t>(value)));
    case Kind::Unsigned64:
      return bytes_of(std::get<std::uint64_t>(value));
    case Kind::NetworkIndex:
      return bytes_of(htonl(static_cast<std::uint32_t>(std::get<std::int64_t>(value))));
    case Kind::Linger:
      return encode_linger(std::get<Structure>(value));
    case Kind::Timeval:
      return encode_timeval(std::get<std::int64_t>(value));
    case Kind::PortRange:
      return encode_port_range(std::get<Numbers>(value));
    case Kind::Words:
      return encode_words(std::get<Structure>(value));
    case Kind::Name:
      return encode_name(std::get<std::string>(value));
    case Kind::Bytes:
      return encode_hex(std::get<std::string>(value));
    case Kind::Address:
      return {};  // no address is ever set this way
  }
  return {};
}

// All returns name one object, so that none is moved: lists of sockets read a million options a second.
OptionReading read_option(os::Kernel& kernel, int socket, const Option& option) {
  OptionReading reading{.option = &option, .value = std::nullopt, .reason = std::string(why_never_asked(option))};
  if (!reading.reason.empty()) return reading;

  std::array<std::byte, kLargestOption> bytes;  // of which only what the kernel wrote is looked at
  std::size_t length = std::min(option.size, bytes.size());
  if (const auto error = ask(kernel, socket, option, bytes.data(), length)) {
    reading.reason = reason_for(kernel, socket, option, error);
    return reading;
  }
  length = std::min(length, bytes.size());
  reading.value = decode(option, Bytes(bytes).first(length));
  if (!reading.value) {
    reading.reason = fmt::format("unreadable: {} bytes returned, {} expected", length, needed_bytes(option));
  }
  return reading;
}

OptionReading read_option(int socket, const Option& option) {
  return read_option(os::real_kernel(), socket, option);
}

std::error_code write_option(os::Kernel& kernel, int socket, const Option& option, const Value& value) {
  const std::vector<std::byte> bytes = encode(option, value);
  return kernel.set_option(socket, option.level, option.number, bytes.data(), bytes.size());
}

}  // namespace tcpkit
