#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/sock/value.hpp>

/// The catalogue of socket options: one row each, read by everything else.
namespace tcpkit {

/// How the kernel's bytes are laid out and shown.
enum class Kind : std::uint8_t {
  Switch,        ///< int, 0 or not 0 -> bool
  Integer,       ///< int -> int64
  Unsigned32,    ///< u32 -> int64
  Unsigned64,    ///< u64 -> uint64
  Enumeration,   ///< int, one of `names` -> int64
  Flags,         ///< int, the bits in `names` -> int64
  Name,          ///< text of at most `size` bytes -> string
  Linger,        ///< struct linger -> {onoff, linger}
  Timeval,       ///< struct timeval -> int64 microseconds
  NetworkIndex,  ///< interface index in network byte order -> int64
  PortRange,     ///< u32, low | high << 16 -> [low, high]
  Words,         ///< 32-bit words, each named in `names` in order -> structure
  Bytes,         ///< opaque bytes -> text of hex digits, "" when there are none
  Address,       ///< struct sockaddr -> "a.b.c.d:port" or "[v6]:port"
};

/// The moment from which setting the option works as meant.
enum class Phase : std::uint8_t {
  BeforeBind,     ///< before bind(2)
  BeforeConnect,  ///< before connect(2) or listen(2): it shapes the handshake
  AnyTime,        ///< works on any socket; set early here, so that it holds from the first byte
  Listener,       ///< means something on a listening socket only
  Connected,      ///< only after the handshake
};

enum class Access : std::uint8_t { ReadWrite, ReadOnly, WriteOnly };

/// Whether accept(2)ed sockets take the value over from their listener.
enum class Inherit : std::uint8_t { Yes, No, NotApplicable };

/// On which sockets the option means anything.
enum class Applies : std::uint8_t {
  Always,
  Ipv6,      ///< AF_INET6 sockets only
  NotToTcp,  ///< kept by the kernel for other socket types; EOPNOTSUPP or without meaning on TCP
};

/// What the value tells: something a program chooses, or a fact the kernel reports.
enum class Nature : std::uint8_t {
  Setting,
  Identity,     ///< fixed when the socket is made: its type, its cookie
  Measurement,  ///< changes while the connection lives: memory in use, current path MTU
};

/// One row of the catalogue. All texts are static and live as long as the program.
struct Option {
  std::string_view name;    ///< "user-timeout": unique over the table
  std::string_view symbol;  ///< "TCP_USER_TIMEOUT": unique over the table
  int level = 0;            ///< IPPROTO_TCP, SOL_SOCKET ...
  int number = 0;
  Kind kind = Kind::Integer;
  Unit unit = Unit::None;
  Access access = Access::ReadWrite;
  Phase phase = Phase::AnyTime;
  Inherit inherit = Inherit::Yes;
  Applies applies = Applies::Always;
  Nature nature = Nature::Setting;
  std::int64_t min = INT32_MIN;               ///< least value a setting may have; for Name and Bytes ignored
  std::int64_t max = INT32_MAX;               ///< greatest value a setting may have
  std::size_t size = 4;                       ///< bytes of the kernel's structure, or the most there can be
  bool consuming_read = false;                ///< reading it takes something away from the program that owns the socket
  bool secret = false;                        ///< a key: never read, so that it cannot reach a report
  bool headline = false;                      ///< one of the few that matter on almost every connection
  bool telling = false;                       ///< one of about 20 that tell most about a socket in use
  bool inert = false;                         ///< accepted on TCP and then ignored
  bool works_late = false;                    ///< on a connection too, though its phase is an earlier one
  bool hides_unset = false;                   ///< never set, it reads as the default that then counts
  std::string_view late_refusal = {};         ///< why it is never set on a socket of a running program; no final stop
  std::string_view also_sets = {};            ///< symbol of another option that setting this one changes
  std::string_view needs = {};                ///< capability to set it: "CAP_NET_ADMIN"
  std::string_view since = {};                ///< first kernel: "2.6.37"
  std::string_view default_sysctl = {};       ///< sysctl whose value a new socket starts with
  int default_index = -1;                     ///< element of that sysctl when it is a triple
  std::string_view sysctls = {};              ///< every sysctl that bears on the value, separated by spaces
  std::span<const NamedNumber> names = {};    ///< for Enumeration, Flags, Words
  std::span<const NamedNumber> special = {};  ///< numbers with a meaning of their own: {0, "system default"}
  std::string_view brief = {};                ///< one line, no final stop
  std::string_view detail = {};               ///< what the kernel does to the value, and surprises; sentences
  std::string_view source = {};               ///< "tcp(7)", "RFC 5482"
};

/// All rows, grouped by level (socket, TCP, IP, IPv6), by number within a level. Thread-safe, constant.
[[nodiscard]] TCPKIT_API std::span<const Option> options() noexcept;

/// Where a row of options() stands in it.
[[nodiscard]] inline std::size_t row_number(const Option& row) noexcept {
  return static_cast<std::size_t>(&row - options().data());
}

/// The row with this name or symbol; case, '-' and '_' do not matter. nullptr if there is none.
[[nodiscard]] TCPKIT_API const Option* find_option(std::string_view spelling) noexcept;

/// The row with this level and number, or nullptr.
[[nodiscard]] TCPKIT_API const Option* find_option(int level, int number) noexcept;

/// "IPPROTO_TCP", "SOL_SOCKET" ..., or the number in decimal for a level the table does not know.
[[nodiscard]] TCPKIT_API std::string level_name(int level);

/// The governing sysctls of a row, one by one.
[[nodiscard]] TCPKIT_API std::vector<std::string_view> governing_sysctls(const Option& option);

/// The value for a reader, names and special numbers resolved: "WANT", "unlimited", "20000 ms (20 s)". Text is escaped.
/// `value` has the alternative that the row's kind asks for, as read_option() and parse_setting() give it.
[[nodiscard]] TCPKIT_API std::string format_value(const Option& option, const Value& value);

}  // namespace tcpkit
