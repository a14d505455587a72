#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tcpkit/base/result.hpp>
#include <tcpkit/base/units.hpp>
#include <tcpkit/proc/holders.hpp>
#include <tcpkit/proc/socket_filter.hpp>
#include <tcpkit/report/connection.hpp>
#include <tcpkit/sock/settings.hpp>

#include "choices.hpp"
#include "diagnosis_plan.hpp"

class Args;

enum class SortKey : std::uint8_t { None, Rtt, Retransmissions, ReceiveQueue, SendQueue };

inline constexpr std::array kSortKeys{
    Meaning<SortKey>{"rtt", SortKey::Rtt},
    Meaning<SortKey>{"retrans", SortKey::Retransmissions},
    Meaning<SortKey>{"recv-q", SortKey::ReceiveQueue},
    Meaning<SortKey>{"send-q", SortKey::SendQueue},
};

/// What `tcpkit inspect` was asked to do, complete and checked; nothing has been looked at yet.
struct InspectPlan {
  tcpkit::SocketFilter filter;
  tcpkit::ProcessSelector processes;
  std::optional<std::string> netns;
  std::string asked;     ///< the selectors as typed, for messages; empty = every socket of this network namespace
  bool selects = false;  ///< there is a selector besides --netns
  bool all = false;      ///< every option of every socket
  bool names_processes = false;  ///< of every socket, in a list without a selector, too
  bool copies = true;            ///< descriptors may be copied
  std::optional<tcpkit::Selection> only;
  SortKey sort = SortKey::None;
  std::uint64_t top = UINT64_MAX;
  std::optional<tcpkit::Nanoseconds> watch;
  tcpkit::Nanoseconds copying_time{10'000'000'000};
  std::vector<tcpkit::Setting> settings;
  bool yes = false;
  bool explains = false;  ///< each value of a list comes with why it is what it is
  bool judges = false;    ///< lines of a list have findings, too; a socket in full always has
  DiagnosisPlan diagnosis;

  /// Whether options are read, by which a process has to be found for every socket.
  [[nodiscard]] bool reads_options() const { return selects || all || (only && !only->options.empty()); }
  /// Whether it is found out who has a socket open: what the kernel lists needs no look at processes.
  [[nodiscard]] bool looks_at_processes() const { return reads_options() || names_processes; }
  [[nodiscard]] bool by_process() const { return !processes.pids.empty() || !processes.names.empty(); }
};

/// Pure: touches neither processes nor sockets (a service name asks /etc/services).
[[nodiscard]] tcpkit::Result<InspectPlan> make_inspect_plan(const Args& args);
