#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/value.hpp>

/// Socket options a user asks for: parse, set at the right moment, read back, tell the truth.
namespace tcpkit {

/// One `-o NAME=VALUE`, checked against its row. A plain value.
struct Setting {
  const Option* option = nullptr;  ///< nullptr for a raw LEVEL:NUMBER=INT that is no integer option of the table
  int level = 0;
  int number = 0;
  std::string name;     ///< "rcvbuf", or "6:99" for a raw one
  std::string text;     ///< as typed: "rcvbuf=16M", or "--interface eth0" where another flag stands for it
  Value value;          ///< what is asked of the kernel, in its unit
  bool always = false;  ///< quickack=always: set again after every read
};

/// Parses "NAME", "NAME=VALUE" or "LEVEL:NUMBER=INT". Fails with Errc::bad_value and a sentence that names the
/// option, what was given and what is allowed. Touches no socket.
[[nodiscard]] TCPKIT_API Result<Setting> parse_setting(std::string_view text);

/// Whether the two are about one option, however it was spelled. Pure.
[[nodiscard]] TCPKIT_API bool same_option(const Setting& a, const Setting& b) noexcept;

/// Whether TCP_QUICKACK is to be set again after every read. As of every option, the last setting counts. Pure.
[[nodiscard]] TCPKIT_API bool asks_for_quickack_always(std::span<const Setting> settings) noexcept;

/// When in the life of a socket apply() is called.
enum class Moment : std::uint8_t {
  BeforeBind,
  BeforeConnect,  ///< before connect(2) or listen(2)
  Connected,      ///< after connect(2)
  Accepted,       ///< after accept(2): what the listener, given the same settings, does not hand down
};

/// Whether apply() sets it at this moment.
[[nodiscard]] TCPKIT_API bool belongs(const Setting& setting, Moment moment) noexcept;

/// Sets on `socket` those settings that belong to this moment, in the order given. Stops at the first one the
/// kernel refuses: Errc::bad_value (not a legal value, unknown congestion control), EPERM, or
/// Errc::unsupported_option (this kernel has no such option). Thread-safe for distinct sockets.
[[nodiscard]] TCPKIT_API Result<void> apply(int socket, std::span<const Setting> settings, Moment moment);

/// How far the kernel went along with a setting.
enum class Effect : std::uint8_t {
  Exact,       ///< it holds what was asked
  Adjusted,    ///< ordinary arithmetic: a buffer doubled, a time rounded up to a jiffy
  Unverified,  ///< taken, but it cannot be read back: write-only, not in the catalogue, or reading was denied
  Changed,     ///< clamped, ignored, overwritten or without effect; --strict fails
};

/// A setting, and what became of it.
struct Outcome {
  Setting setting;
  std::optional<Value> effective;  ///< nothing when the option cannot be read back
  Effect effect = Effect::Exact;
  std::string why;     ///< why `effective` is not what was asked; empty for Exact
  std::string sysctl;  ///< the sysctl that set the limit, or empty
};

}  // namespace tcpkit
