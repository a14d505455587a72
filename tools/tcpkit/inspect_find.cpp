#include "inspect_find.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include <tcpkit/proc/socket_list.hpp>

namespace {

using namespace tcpkit;

Result<void> add_namespace(Result<NetworkNamespace> found, std::vector<NetworkNamespace>& namespaces) {
  if (!found) return found.error();
  const auto same = [&](const NetworkNamespace& other) { return other.inode() == found->inode(); };
  if (std::ranges::none_of(namespaces, same)) namespaces.push_back(std::move(*found));
  return {};
}

/// What is wrong with a name is wrong with the command line.
Result<void> add_named_namespace(const std::string& name, std::vector<NetworkNamespace>& namespaces) {
  auto added = add_namespace(NetworkNamespace::named(name), namespaces);
  if (added || added.error().code != Errc::bad_value) return added;
  return bad_value("--netns: " + added.error().doing);
}

bool has_ended(const Error& error) {
  return error.code == std::errc::no_such_file_or_directory || error.code == std::errc::no_such_process;
}

/// A process that ends, or does not let us look, does not lose the others. Without any the reason is the result.
Result<void> add_namespaces_of(Holders& holders, std::vector<NetworkNamespace>& namespaces) {
  Result<void> last;
  for (const std::int64_t pid : holders.pids) {
    auto added = add_namespace(NetworkNamespace::of_process(pid), namespaces);
    if (added) continue;
    if (has_ended(added.error())) {
      holders.unreadable.push_back({pid, {}, added.error()});
    } else {
      last = added;
    }
  }
  return namespaces.empty() ? last : Result<void>();
}

}  // namespace

Result<SearchArea> find_area(const InspectPlan& plan, std::chrono::steady_clock::time_point deadline) {
  SearchArea area;
  Result<Holders> holders = plan.looks_at_processes() ? find_holders(plan.processes, deadline) : Holders{};
  if (holders) {
    area.holders = std::move(*holders);
  } else if (plan.by_process()) {
    return holders.error();
  } else {
    area.no_holders = holders.error();  // the kernel's list needs no /proc
  }
  Result<void> added;
  if (plan.netns) {
    added = add_named_namespace(*plan.netns, area.namespaces);
  } else if (plan.by_process()) {
    added = add_namespaces_of(area.holders, area.namespaces);
  } else {
    added = add_namespace(NetworkNamespace::own(), area.namespaces);
  }
  if (added) return area;
  Error error = added.error();
  const bool denied = error.code == std::errc::permission_denied || error.code == std::errc::operation_not_permitted;
  if (denied && error.hint.empty()) error.hint = "run as the user of the process, or as root (CAP_SYS_PTRACE)";
  return error;
}

Result<SearchNotes> find_matches(const InspectPlan& plan, const SearchArea& area, std::size_t netns,
                                 const std::function<void(Match)>& each) {
  const auto notes = list_sockets(plan.filter, DiagDetail::Full, [&](SocketEntry entry) {
    const auto holders = area.holders.of(entry.inode);
    if (plan.by_process() && holders.empty()) return;
    each({std::move(entry), holders, netns});
  });
  if (!notes) return notes.error();
  return SearchNotes{notes->incomplete, notes->mptcp_missing};
}
