#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tcpkit/base/result.hpp>
#include <tcpkit/base/units.hpp>
#include <tcpkit/net/connect.hpp>
#include <tcpkit/net/resolve.hpp>
#include <tcpkit/net/target.hpp>
#include <tcpkit/report/connection.hpp>

#include "diagnosis_plan.hpp"

class Args;

/// What `tcpkit probe` was asked to do, complete and checked; nothing has been resolved or opened yet.
struct ProbePlan {
  std::optional<tcpkit::Target> target;  ///< nothing: an echo peer of its own
  std::string target_text;
  tcpkit::Families families = tcpkit::Families::Both;
  tcpkit::ConnectPlan connect;                  ///< its deadline is set when the run starts
  std::optional<tcpkit::Nanoseconds> deadline;  ///< of the whole run
  std::optional<tcpkit::Nanoseconds> wait;      ///< keep trying this long until somebody answers
  std::uint64_t count = 1;
  bool repeats = false;  ///< -n was given: the report has statistics
  tcpkit::Nanoseconds interval{1'000'000'000};
  bool strict = false;
  std::optional<tcpkit::Nanoseconds> watch;  ///< keep the connection, and look again after so long
  std::optional<std::uint64_t> looks;        ///< with `watch`: at most
  std::optional<std::uint64_t> echo_bytes;   ///< with `watch`: of a message that the peer returns
  tcpkit::ConnectionView view;
  DiagnosisPlan diagnosis;
};

/// Pure: reads the arguments, touches neither names nor sockets (a service name asks /etc/services).
[[nodiscard]] tcpkit::Result<ProbePlan> make_probe_plan(const Args& args);
