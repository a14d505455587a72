#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <tcpkit/base/result.hpp>
#include <tcpkit/proc/holders.hpp>
#include <tcpkit/proc/network_namespace.hpp>
#include <tcpkit/proc/socket_entry.hpp>

#include "inspect_plan.hpp"

/// A socket that was asked for.
struct Match {
  tcpkit::SocketEntry entry;
  std::span<const tcpkit::SocketHolder> holders;  ///< of SearchArea::holders; empty where none was found
  std::size_t netns = 0;                          ///< index in SearchArea::namespaces
};

/// Where to look, and who has what open.
struct SearchArea {
  std::vector<tcpkit::NetworkNamespace> namespaces;
  tcpkit::Holders holders;
  std::optional<tcpkit::Error> no_holders;  ///< why /proc could not be looked through
};

/// The processes that the plan names, and their network namespaces, or the one named, or that of this program. No
/// process is looked at after the deadline, and none at all where nobody asked for one.
[[nodiscard]] tcpkit::Result<SearchArea> find_area(const InspectPlan& plan,
                                                   std::chrono::steady_clock::time_point deadline);

/// What a look at one network namespace could not tell.
struct SearchNotes {
  bool incomplete = false;
  bool mptcp_missing = false;
};

/// Calls back for every socket of one namespace that the plan asks for; the caller is in that namespace.
[[nodiscard]] tcpkit::Result<SearchNotes> find_matches(const InspectPlan& plan, const SearchArea& area,
                                                       std::size_t netns, const std::function<void(Match)>& each);
