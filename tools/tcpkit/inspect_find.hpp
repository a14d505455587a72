#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <tcpkit/base/result.hpp>
#include <tcpkit/proc/holders.hpp>
#include <tcpkit/proc/network_namespace.hpp>
#include <tcpkit/proc/socket_entry.hpp>

#include "inspect_plan.hpp"

/// A socket that was asked for.
struct Match {
  tcpkit::SocketEntry entry;
  std::vector<tcpkit::SocketHolder> holders;  ///< ascending by process; empty where none was found
  std::size_t netns = 0;                      ///< index in SearchArea::namespaces
};

/// Where to look, and who has what open.
struct SearchArea {
  std::vector<tcpkit::NetworkNamespace> namespaces;
  tcpkit::Holders holders;
  std::optional<tcpkit::Error> no_holders;  ///< why /proc could not be looked through
};

/// The processes that the plan names, and their network namespaces, or the one named, or that of this program.
[[nodiscard]] tcpkit::Result<SearchArea> find_area(const InspectPlan& plan);

/// Who has a socket open, ascending by process.
[[nodiscard]] std::vector<tcpkit::SocketHolder> holders_of(const tcpkit::Holders& holders, std::uint64_t inode);

/// What a look at one network namespace could not tell.
struct SearchNotes {
  bool incomplete = false;
  bool mptcp_missing = false;
};

/// Calls back for every socket of one namespace that the plan asks for; the caller is in that namespace.
[[nodiscard]] tcpkit::Result<SearchNotes> find_matches(const InspectPlan& plan, const SearchArea& area,
                                                       std::size_t netns, const std::function<void(Match)>& each);
