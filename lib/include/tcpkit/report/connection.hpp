#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/diag/diagnose.hpp>
#include <tcpkit/report/report.hpp>
#include <tcpkit/sock/limits.hpp>
#include <tcpkit/sock/negotiated.hpp>
#include <tcpkit/sock/provenance.hpp>
#include <tcpkit/sock/settings.hpp>
#include <tcpkit/sock/snapshot.hpp>
#include <tcpkit/sock/sysctl_values.hpp>

/// One connection as a report: the same view for a socket of ours and of another process.
namespace tcpkit {

/// What is known of a connection. A plain value.
struct ConnectionFacts {
  Snapshot snapshot;
  std::vector<Outcome> outcomes;    ///< of the settings asked for, if any
  std::vector<Provenance> origins;  ///< one per catalogue row
  std::vector<NegotiatedFact> negotiated;
  Limits limits;
  Diagnosis diagnosis;  ///< of diagnose(), if it was asked
};

/// Brings together what a socket of this program says, what was asked of it, and why. Nothing but `settings` may have
/// been set on it. Does not change the socket. With settings it makes scratch sockets to compare with.
[[nodiscard]] TCPKIT_API Result<ConnectionFacts> gather_facts(int socket, std::span<const Setting> settings,
                                                              SysctlValues& sysctls);

/// The same of a socket that another program has set up, from a snapshot of it and what trace() says of that. Touches
/// no socket.
[[nodiscard]] TCPKIT_API ConnectionFacts gather_foreign_facts(Snapshot snapshot, std::vector<Provenance> origins,
                                                              SysctlValues& sysctls);

/// Rows picked by --only.
struct Selection {
  std::vector<const Option*> options;
  std::vector<const Sysctl*> sysctls;
  std::vector<const TcpInfoField*> fields;
};

/// "rcvbuf,rtt,tcp_rmem": each an option, sysctl or TCP_INFO field in any spelling, the last one as
/// ss(8) has it, too. Fails with Errc::bad_value.
[[nodiscard]] TCPKIT_API Result<Selection> parse_selection(std::string_view names);

/// How much of it is wanted.
struct ConnectionView {
  std::optional<Selection> only;
  bool complete = false;                       ///< everything there is, not only what is shown by default
  std::optional<std::uint64_t> bandwidth_bps;  ///< bits per second the path should carry: adds the buffer it needs
};

/// Reads the sysctls that the view shows. The sections local/peer, negotiated, options, limits, sysctls, tcp_info,
/// findings.
[[nodiscard]] TCPKIT_API std::vector<Section> describe_connection(const ConnectionFacts& facts, SysctlValues& sysctls,
                                                                  const ConnectionView& view);

/// An option as machine formats show it: {name, value, unit, requested, origin, sysctl, note, reason}.
[[nodiscard]] TCPKIT_API Data option_data(const OptionReading& reading, const Provenance& provenance,
                                          const std::optional<Value>& requested);

/// One line on what became of a setting: "rcvbuf: asked 16777216 (16 MiB), got 8388608 (8 MiB): net.core.rmem_max ...".
[[nodiscard]] TCPKIT_API std::string describe_outcome(const Outcome& outcome);

}  // namespace tcpkit
