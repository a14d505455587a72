#include <tcpkit/proc/holders.hpp>

#include <algorithm>
#include <string_view>
#include <tuple>

#include <fmt/format.h>

#include "proc/process_table.hpp"

namespace tcpkit {
namespace {

using Clock = std::chrono::steady_clock;

/// The kernel keeps so many bytes of a command's name (TASK_COMM_LEN of include/linux/sched.h, less its final zero).
std::string_view as_kept(std::string_view command) {
  constexpr std::size_t kMost = 15;
  return command.substr(0, kMost);
}

bool denies(const Error& error) {
  return error.code == std::errc::permission_denied || error.code == std::errc::operation_not_permitted;
}

/// By inode, process and descriptor. Only numbers are moved while they are compared: a host may have a million holders.
void put_in_order(std::vector<SocketHolder>& holders) {
  using Key = std::tuple<std::uint64_t, std::int64_t, int, std::size_t>;
  std::vector<Key> keys;
  keys.reserve(holders.size());
  for (const SocketHolder& holder : holders) keys.emplace_back(holder.inode, holder.pid, holder.fd, keys.size());
  std::ranges::sort(keys);
  std::vector<SocketHolder> ordered;
  ordered.reserve(holders.size());
  for (const Key& key : keys) ordered.push_back(std::move(holders[std::get<3>(key)]));
  holders = std::move(ordered);
}

/// Looks at one process after another and keeps what it finds.
class Search {
 public:
  Search(const ProcessSelector& selector, Clock::time_point deadline) : selector_(selector), deadline_(deadline) {}

  /// Fails only when this process itself cannot go on.
  Result<void> look_at(std::int64_t pid) {
    const Result<std::string> command = read_command(pid);
    if (!command) return miss({pid, {}, command.error()});
    if (!has_name(*command)) return {};
    if (const auto thread = refuse_thread(pid); !thread) return miss({pid, *command, thread.error()});
    const Result<void> looked = for_each_socket(pid, [&](int fd, std::uint64_t inode) {
      found_.sockets.push_back({pid, *command, fd, inode});
      return in_time();
    });
    const bool there = looked || denies(looked.error());
    if (there) found_.pids.push_back(pid);
    return looked ? Result<void>() : miss({pid, *command, looked.error()});
  }

  /// False from the deadline on.
  bool in_time() {
    found_.late = found_.late || Clock::now() >= deadline_;
    return !found_.late;
  }

  Holders take() {
    put_in_order(found_.sockets);
    std::ranges::sort(found_.pids);
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool has_name(std::string_view command) const {
    const auto same = [=](const std::string& name) { return as_kept(name) == as_kept(command); };
    return selector_.names.empty() || std::ranges::any_of(selector_.names, same);
  }

  /// Only a number that was asked for can be a thread's: /proc lists processes.
  [[nodiscard]] Result<void> refuse_thread(std::int64_t pid) const {
    if (selector_.pids.empty()) return {};
    const Result<std::int64_t> process = process_of_thread(pid);
    if (!process) return process.error();
    if (*process == pid) return {};
    return bad_value(fmt::format("{} is a thread of process {}", pid, *process));
  }

  /// One that nobody asked for by number may end whenever it likes.
  Result<void> miss(UnreadableProcess process) {
    if (is_own_trouble(process.error)) return process.error;
    const bool denied = denies(process.error);
    if (denied) ++found_.not_permitted;
    const bool selected = !selector_.pids.empty() || (denied && !selector_.names.empty());
    if (selected) found_.unreadable.push_back(std::move(process));
    return {};
  }

  const ProcessSelector& selector_;
  Clock::time_point deadline_;
  Holders found_;
};

Result<void> look_at_all(Search& search) {
  Result<void> outcome;
  const auto look_at = [&](std::int64_t pid) {
    outcome = search.look_at(pid);
    return outcome.has_value() && search.in_time();
  };
  if (auto listed = for_each_process(look_at); !listed) return listed;
  return outcome;
}

Result<void> look_at_these(Search& search, std::vector<std::int64_t> pids) {
  std::ranges::sort(pids);
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
  for (const std::int64_t pid : pids) {
    if (auto looked = search.look_at(pid); !looked) return looked;
    if (!search.in_time()) break;
  }
  return {};
}

}  // namespace

std::span<const SocketHolder> Holders::of(std::uint64_t inode) const {
  const auto first = std::ranges::lower_bound(sockets, inode, {}, &SocketHolder::inode);
  const auto is_other = [inode](const SocketHolder& holder) { return holder.inode != inode; };
  return {first, std::find_if(first, sockets.end(), is_other)};
}

Result<Holders> find_holders(const ProcessSelector& selector, Clock::time_point deadline) {
  Search search(selector, deadline);
  const Result<void> looked = selector.pids.empty() ? look_at_all(search) : look_at_these(search, selector.pids);
  if (!looked) return looked.error();
  return search.take();
}

}  // namespace tcpkit
