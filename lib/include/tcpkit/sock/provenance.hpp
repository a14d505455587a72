#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/sock/settings.hpp>
#include <tcpkit/sock/snapshot.hpp>
#include <tcpkit/sock/sysctl_values.hpp>

/// Why each value is what it is.
namespace tcpkit {

enum class Origin : std::uint8_t { Requested, KernelDefault, Sysctl, Inherited, Negotiated, Autotuned, Unknown };

/// "requested", "kernel default", "sysctl", "inherited", "negotiated", "autotuned", "unknown".
[[nodiscard]] TCPKIT_API std::string_view origin_name(Origin origin) noexcept;

/// Where one option's value comes from.
struct Provenance {
  Origin origin = Origin::Unknown;
  std::string_view sysctl;  ///< the sysctl that decided, or empty: a name of the table
  std::string note;         ///< one sentence with both numbers, or empty
};

/// What the kernel's arithmetic depends on besides sysctls, found out on scratch sockets once per run.
/// 0 = not known: the kernel did not let us ask.
struct HostFacts {
  std::int64_t least_rcvbuf = 0;  ///< bytes: SOCK_MIN_RCVBUF
  std::int64_t least_sndbuf = 0;  ///< bytes: SOCK_MIN_SNDBUF
  std::int64_t jiffy_us = 0;      ///< 1,000,000 / HZ
};

/// Asks the kernel, on a socket of its own that is never connected. Thread-safe.
[[nodiscard]] TCPKIT_API Result<HostFacts> find_host_facts();

/// Compares what was asked with what the socket holds now: one outcome per setting, in their order. `snapshot` is
/// taken after connect. Touches no socket; reads the sysctls it needs.
[[nodiscard]] TCPKIT_API std::vector<Outcome> judge(std::span<const Setting> settings, const Snapshot& snapshot,
                                                    const HostFacts& host, SysctlValues& sysctls);

/// One provenance per catalogue row, in table order. `untouched` is default_snapshot() of the same family, or nullptr
/// when it could not be made. Touches no socket; reads the sysctls it needs.
[[nodiscard]] TCPKIT_API std::vector<Provenance> trace(const Snapshot& snapshot, const Snapshot* untouched,
                                                       std::span<const Outcome> outcomes, SysctlValues& sysctls);

/// Whether a provenance comes with the sentence that tells it: writing thousands takes longer than finding them.
enum class Notes : std::uint8_t { Written, LeftOut };

/// The same of one reading alone, of those in the snapshot, which may be a part of one. Where notes are left out, some
/// that cost nothing are there.
[[nodiscard]] TCPKIT_API Provenance trace(const OptionReading& reading, const Snapshot& snapshot,
                                          const Snapshot* untouched, SysctlValues& sysctls,
                                          Notes notes = Notes::Written);

/// Of a connection that accept(2) returned, after trace(): a value that nothing explains, and that its listener has and
/// hands down, is Origin::Inherited. The program may still have set the same once more. `accepted` are readings of any
/// rows, `origins` theirs; the listener's snapshot may be a part of one. Pure.
TCPKIT_API void trace_inherited(std::span<const OptionReading> accepted, const Snapshot& listener,
                                std::span<Provenance> origins);

}  // namespace tcpkit
