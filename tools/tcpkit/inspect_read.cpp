#include "inspect_read.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include <tcpkit/proc/socket_list.hpp>

using namespace tcpkit;

namespace {

bool listens(const SocketEntry& entry) {
  return entry.state == SocketState::Listen;
}

/// Every row without a value: what is known of the socket without a copy of it.
Snapshot diag_snapshot(const SocketEntry& entry, std::string_view reason) {
  Snapshot snapshot;
  snapshot.local = entry.local;
  snapshot.peer = entry.peer;
  for (const Option& option : options()) snapshot.options.push_back({&option, std::nullopt, std::string(reason)});
  snapshot.info = entry.info;
  if (!entry.info) snapshot.info_reason = "absent: the kernel keeps none for a socket in this state";
  return snapshot;
}

/// Where nothing explains a value, it was set.
void name_setter(std::span<const OptionReading> readings, std::span<Provenance> origins) {
  for (std::size_t row = 0; row < readings.size(); ++row) {
    Provenance& origin = origins[row];
    const bool set = readings[row].value && origin.origin == Origin::Unknown && origin.note.empty();
    if (set && readings[row].option->nature == Nature::Setting) origin.note = "set by the program";
  }
}

std::size_t row_of(const Option& option) {
  return static_cast<std::size_t>(&option - options().data());
}

bool is_permission(const Error& error) {
  return error.code == std::errc::operation_not_permitted || error.code == std::errc::permission_denied;
}

/// What the catalogue says is read, and the lock that tells a buffer that was set from one that was autotuned.
std::vector<const Option*> rows_to_read(const InspectPlan& plan) {
  const auto telling = telling_options();
  std::vector<const Option*> rows(telling.begin(), telling.end());
  if (plan.only) rows = plan.only->options;
  if (rows.empty()) return rows;
  const Option* lock = find_option("SO_BUF_LOCK");
  if (std::ranges::find(rows, lock) == rows.end()) rows.push_back(lock);
  return rows;
}

}  // namespace

SocketReader::SocketReader(const InspectPlan& plan, std::uint64_t netns, std::chrono::steady_clock::time_point deadline,
                           CopyCloser& closer)
    : plan_(plan), netns_(netns), deadline_(deadline), closer_(closer), rows_(rows_to_read(plan)) {}

std::string SocketReader::why_no_holder(const Match& match, bool holders_known) const {
  if (!holders_known) return "not read: no selector";
  if (match.entry.inode == 0) return "gone: no process has it open any more";
  const std::string user = match.entry.uid ? fmt::format(" of user {}", *match.entry.uid) : "";
  return fmt::format("unreadable: no process{} that may be looked into has it open", user);
}

Result<ForeignSocket> SocketReader::copy(const Match& match) {
  Result<ForeignSocket> copied = system_error(ESRCH, "copy a descriptor");
  for (const SocketHolder& holder : match.holders) {
    copied = ForeignSocket::copy(holder, match.entry.cookie, doors_, closer_);
    if (copied) break;
  }
  return copied;
}

/// A copy of the socket; nothing where `socket` says why there is none, or where no option is wanted.
std::optional<ForeignSocket> SocketReader::door_to(const Match& match, bool holders_known, InspectedSocket& socket) {
  if (!plan_.copies) socket.reason = "not read: --no-dup";
  if (match.entry.ulp == "mptcp") socket.reason = "not read: a subflow; the options are those of its multipath socket";
  if (socket.reason.empty() && match.holders.empty()) {
    socket.reason = why_no_holder(match, holders_known);
    socket.not_permitted = holders_known && match.entry.inode != 0;
  }
  if (socket.reason.empty() && std::chrono::steady_clock::now() >= deadline_) {
    socket.reason = "not read: --deadline had passed";
  }
  const bool wants_none = socket.depth == Depth::Telling && rows_.empty();
  if (!socket.reason.empty() || wants_none) return std::nullopt;
  Result<ForeignSocket> copied = copy(match);
  if (copied) return std::move(*copied);
  socket.reason = describe_no_copy(copied.error());
  socket.not_permitted = is_permission(copied.error());
  return std::nullopt;
}

void SocketReader::read_everything(const Match& match, bool holders_known, InspectedSocket& socket) {
  const std::optional<ForeignSocket> door = door_to(match, holders_known, socket);
  Snapshot snapshot = door ? take_snapshot(door->descriptor()) : diag_snapshot(match.entry, socket.reason);
  const Snapshot* example = untouched(match.entry.local.family(), listens(match.entry));
  socket.facts = gather_foreign_facts(std::move(snapshot), example, sysctls_);
  name_setter(socket.facts->snapshot.options, socket.facts->origins);
}

/// Thousands of sockets a second come here, so all of them share one snapshot.
void SocketReader::read_telling(const Match& match, bool holders_known, InspectedSocket& socket) {
  const std::optional<ForeignSocket> door = door_to(match, holders_known, socket);
  socket.options.reserve(rows_.size());
  if (!door) {
    for (const Option* row : rows_) socket.options.push_back({{row, std::nullopt, socket.reason}, {}});
    return;
  }
  if (telling_.options.empty()) telling_ = diag_snapshot(match.entry, "not read");
  telling_.local = match.entry.local;
  telling_.peer = match.entry.peer;
  telling_.info = match.entry.info;
  for (const Option* row : rows_) telling_.options[row_of(*row)] = read_option(door->descriptor(), *row);
  const Snapshot* example = untouched(match.entry.local.family(), listens(match.entry));
  for (const Option* row : rows_) {
    socket.options.push_back({{}, trace(*row, telling_, example, sysctls_)});
  }
  for (std::size_t at = 0; at < rows_.size(); ++at) {
    ReadOption& option = socket.options[at];
    option.reading = std::exchange(telling_.options[row_of(*rows_[at])], {rows_[at], std::nullopt, "not read"});
    name_setter({&option.reading, 1}, {&option.provenance, 1});
  }
}

const Snapshot* SocketReader::untouched(int family, bool listening) {
  const auto same = [&](const Untouched& row) { return row.family == family && row.listening == listening; };
  auto known = std::ranges::find_if(untouched_, same);
  if (known == untouched_.end()) {
    Result<Snapshot> snapshot = listening ? default_listener_snapshot(family) : default_snapshot(family);
    if (!snapshot) snapshot = default_listener_snapshot(family);  // a namespace whose loopback is down
    known = untouched_.insert(known, {family, listening, std::move(snapshot)});
  }
  return known->snapshot ? &*known->snapshot : nullptr;
}

std::uint64_t SocketReader::count_listeners(const Endpoint& address) {
  if (!listeners_) {
    listeners_.emplace();
    SocketFilter filter;
    filter.states = 1U << static_cast<unsigned>(SocketState::Listen);
    const auto count = [&](const SocketEntry& entry) { ++(*listeners_)[entry.local.text()]; };
    if (!list_sockets(filter, DiagDetail::Addresses, count)) listeners_->clear();
  }
  const auto found = listeners_->find(address.text());
  return found == listeners_->end() ? 0 : found->second;
}

void SocketReader::read_listener(const SocketEntry& entry, InspectedSocket& socket) {
  if (!counters_) {
    const Result<ListenCounters> counters = read_listen_counters();
    counters_ = counters ? *counters : ListenCounters{};
  }
  socket.counters = *counters_;
  socket.somaxconn = sysctls_.number("net.core.somaxconn");
  if (socket.depth == Depth::Everything) socket.sharing = count_listeners(entry.local);
}

InspectedSocket SocketReader::read(Match match, Depth depth, bool holders_known) {
  InspectedSocket socket;
  socket.netns = netns_;
  socket.depth = depth;
  const bool listening = listens(match.entry);
  if (listening) read_listener(match.entry, socket);
  if (depth == Depth::Diag) {
    socket.reason = plan_.selects ? "not read: --no-dup" : "not read: no selector";
  } else if (depth == Depth::Everything) {
    read_everything(match, holders_known, socket);
  } else {
    read_telling(match, holders_known, socket);
  }
  socket.match = std::move(match);
  return socket;
}
