#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <tcpkit/base/result.hpp>
#include <tcpkit/base/statistics.hpp>
#include <tcpkit/net/connect.hpp>
#include <tcpkit/net/loopback_peer.hpp>
#include <tcpkit/net/resolve.hpp>
#include <tcpkit/report/connection.hpp>

#include "probe_plan.hpp"

/// What a probe found. `facts` are of the last connection made.
struct ProbeResult {
  std::optional<tcpkit::Nanoseconds> resolve_time;  ///< nothing: the address was numeric
  std::vector<tcpkit::Attempt> attempts;            ///< of the last connect, the last one being it
  tcpkit::Nanoseconds connect_time{0};
  tcpkit::ConnectionFacts facts;
  std::uint64_t tried = 0;
  bool cut_short = false;                     ///< the deadline passed before all connects were tried
  tcpkit::Samples connect_us;                 ///< one sample a connection made
  std::optional<tcpkit::Error> last_failure;  ///< of a connect that failed among others that did not
};

/// What is told while it runs.
struct ProbeEvents {
  virtual ~ProbeEvents() = default;
  virtual void resolved(const std::string& host, std::span<const tcpkit::Endpoint> addresses) = 0;
  virtual void tried(const tcpkit::Attempt& attempt) = 0;               ///< one address, whether it answered or not
  virtual void progress(std::uint64_t done, std::uint64_t failed) = 0;  ///< after each connect of several
};

/// A connection that was made and is still there, with its peer where that is tcpkit's own.
struct OpenProbe {
  std::optional<tcpkit::LoopbackPeer> peer;
  tcpkit::Connection connection;
  tcpkit::Clock::time_point deadline;  ///< of the whole run
  ProbeResult result;
};

/// Resolves, connects as often as asked, looks at the last connection. Fails when no connection could be made.
[[nodiscard]] tcpkit::Result<OpenProbe> open_probe(const ProbePlan& plan, tcpkit::SysctlValues& sysctls,
                                                   ProbeEvents& events);

/// The same, and closes the connection.
[[nodiscard]] tcpkit::Result<ProbeResult> run_probe(const ProbePlan& plan, tcpkit::SysctlValues& sysctls,
                                                    ProbeEvents& events);
