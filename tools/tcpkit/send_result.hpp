#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <tcpkit/net/connect.hpp>
#include <tcpkit/net/load.hpp>
#include <tcpkit/report/connection.hpp>
#include <tcpkit/report/report.hpp>

#include "send_notes.hpp"

/// What `tcpkit send` measured, with what is known around it. A plain value.
struct Measurement {
  tcpkit::LoadResult load;
  tcpkit::ConnectionFacts facts;                    ///< of the first connection, before it was used
  std::vector<tcpkit::Attempt> attempts;            ///< of the first connection
  std::optional<tcpkit::Nanoseconds> resolve_time;  ///< nothing: there was no name
  std::vector<Note> notes;
  tcpkit::DataArray intervals;  ///< of --report-interval, for one object
  bool one_a_line = false;      ///< the result is one of several objects
};

/// How long the first connection took to be made.
[[nodiscard]] inline tcpkit::Nanoseconds connect_time(const std::vector<tcpkit::Attempt>& attempts) {
  return attempts.empty() ? tcpkit::Nanoseconds(0) : attempts.back().took;
}
