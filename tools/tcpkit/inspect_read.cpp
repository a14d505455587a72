#include "inspect_read.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include <tcpkit/sock/snapshot.hpp>

#include "inspect_copy.hpp"
#include "inspect_observe.hpp"
#include "inspect_words.hpp"
#include "observe.hpp"

using namespace tcpkit;

namespace {

constexpr std::string_view kLate = "not read: --deadline had passed";

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

bool is_unexplained(const OptionReading& reading, const Provenance& origin) {
  return reading.value && origin.origin == Origin::Unknown && reading.option->nature == Nature::Setting;
}

bool is_any_unexplained(std::span<const OptionReading> readings, std::span<const Provenance> origins) {
  for (std::size_t row = 0; row < readings.size(); ++row) {
    if (is_unexplained(readings[row], origins[row])) return true;
  }
  return false;
}

/// Where nothing explains a value, it was set.
void name_setter(std::span<const OptionReading> readings, std::span<Provenance> origins) {
  for (std::size_t row = 0; row < readings.size(); ++row) {
    if (!is_unexplained(readings[row], origins[row]) || !origins[row].note.empty()) continue;
    origins[row].note = "set by the program";
  }
}

std::string why_no_holder(const SocketEntry& entry, const SearchArea& area) {
  if (entry.inode != 0 && area.holders.late) return std::string(kLate);
  if (!area.no_holders || entry.inode == 0) return describe_no_holder(entry, area.holders);
  return fmt::format("unreadable: {}: {}", area.no_holders->doing, area.no_holders->code.message());
}

bool is_permission(const Error& error) {
  return error.code == std::errc::operation_not_permitted || error.code == std::errc::permission_denied;
}

}  // namespace

/// What the catalogue says is read, and the lock that tells a buffer that was set from one that was autotuned;
/// SO_LINGER last, so that closing the copy need not ask for it.
std::vector<SocketReader::TellingRow> SocketReader::rows_to_read(const InspectPlan& plan) {
  const auto telling = telling_options();
  std::vector<const Option*> options(telling.begin(), telling.end());
  const Option* linger = find_option("SO_LINGER");
  std::stable_partition(options.begin(), options.end(), [=](const Option* option) { return option != linger; });
  if (plan.only) options = plan.only->options;
  const Option* lock = find_option("SO_BUF_LOCK");
  if (!options.empty() && std::ranges::find(options, lock) == options.end()) options.insert(options.begin(), lock);
  std::vector<TellingRow> rows;
  for (const Option* option : options) rows.push_back({option, find_told_option(*option)});
  return rows;
}

SocketReader::SocketReader(const InspectPlan& plan, const SearchArea& area, std::size_t netns,
                           std::chrono::steady_clock::time_point deadline, CopyCloser& closer)
    : plan_(plan), area_(area), netns_(netns), deadline_(deadline), closer_(closer), rows_(rows_to_read(plan)) {}

/// A copy of the socket; nothing where `socket` says why there is none, or where no option is wanted.
std::optional<ForeignSocket> SocketReader::door_to(const Match& match, InspectedSocket& socket) {
  if (!plan_.copies) socket.reason = "not read: --no-dup";
  if (match.entry.ulp == "mptcp") socket.reason = "not read: a subflow; the options are those of its multipath socket";
  if (socket.reason.empty() && match.holders.empty()) socket.reason = why_no_holder(match.entry, area_);
  if (socket.reason.empty() && std::chrono::steady_clock::now() >= deadline_) socket.reason = kLate;
  socket.late = socket.reason == kLate;
  const bool wants_none = socket.depth == Depth::Telling && rows_.empty();
  if (!socket.reason.empty() || wants_none) return std::nullopt;
  Result<ForeignSocket> copied = copy_socket(match, area_.holders, doors_, closer_);
  if (copied) return std::move(*copied);
  socket.reason = describe_no_copy(copied.error());
  socket.not_permitted = is_permission(copied.error());
  return std::nullopt;
}

void SocketReader::read_everything(const Match& match, InspectedSocket& socket) {
  std::optional<ForeignSocket> door = door_to(match, socket);
  Snapshot snapshot = door ? take_snapshot(door->descriptor()) : diag_snapshot(match.entry, socket.reason);
  // Without a value nothing is compared, and no socket need be made: --no-dup touches nothing.
  const Snapshot* example = door ? untouched(match.entry.local.family(), listens(match.entry)) : nullptr;
  door.reset();  // before the listener is copied: one at a time
  std::vector<Provenance> origins = trace(snapshot, example, {}, sysctls_);
  explain_rest(match, Depth::Everything, snapshot.options, origins);
  socket.facts = gather_foreign_facts(std::move(snapshot), std::move(origins), sysctls_);
}

/// A multipath socket is told with what its own structure has, which is not what it answers for its subflows.
std::vector<OptionReading> SocketReader::read_rows(ForeignSocket& socket, const SocketEntry& entry) {
  std::vector<OptionReading> readings = std::exchange(spare_readings_, {});
  readings.reserve(rows_.size());
  for (const TellingRow& row : rows_) {
    const bool of_others = !plan_.only && row.option->phase == Phase::Listener && !listens(entry);
    if (of_others) {
      readings.push_back({row.option, std::nullopt, "not applicable"});
      continue;
    }
    std::optional<Value> told = row.told != nullptr && !entry.mptcp ? row.told(entry) : std::nullopt;
    if (told) {
      readings.push_back({row.option, std::move(told), {}});
    } else {
      readings.push_back(socket.read(*row.option));
    }
  }
  return readings;
}

/// Thousands of sockets a second come here.
void SocketReader::read_telling(const Match& match, InspectedSocket& socket) {
  std::optional<ForeignSocket> door = door_to(match, socket);
  if (!door) {
    for (const TellingRow& row : rows_) socket.options.push_back({row.option, std::nullopt, socket.reason});
    socket.origins.resize(rows_.size());
    return;
  }
  Snapshot part{match.entry.local, match.entry.peer, read_rows(*door, match.entry), match.entry.info, {}};
  door.reset();  // before the listener is copied: one at a time
  const Snapshot* example = untouched(match.entry.local.family(), listens(match.entry));
  socket.origins = std::exchange(spare_origins_, {});
  socket.origins.reserve(rows_.size());
  const Notes notes = plan_.explains ? Notes::Written : Notes::LeftOut;
  for (const OptionReading& reading : part.options) {
    socket.origins.push_back(trace(reading, part, example, sysctls_, notes));
  }
  socket.options = std::move(part.options);
  explain_rest(match, Depth::Telling, socket.options, socket.origins);
}

/// Of the listener that the connection came from; of several one that its process has open, before others.
std::optional<Snapshot> SocketReader::take_parent(const Match& match, Depth depth) {
  std::optional<Match> parent;
  for (const SocketEntry* listener : listeners_.parents_of(match.entry)) {
    const auto holders = area_.holders.of(listener->inode);
    const bool own = std::ranges::find(holders, match.holders.front().pid, &SocketHolder::pid) != holders.end();
    if (!holders.empty() && (own || !parent)) parent = Match{*listener, holders, netns_};
    if (own) break;
  }
  if (!parent || std::chrono::steady_clock::now() >= deadline_) return std::nullopt;
  Result<ForeignSocket> copied = copy_socket(*parent, area_.holders, doors_, closer_);
  if (!copied) return std::nullopt;
  if (depth == Depth::Everything) return take_snapshot(copied->descriptor());
  Snapshot part;
  part.options = read_rows(*copied, parent->entry);
  return part;
}

const Snapshot* SocketReader::parent_of(const Match& match, Depth depth) {
  constexpr std::size_t kMost = 64;  // so that what is kept does not grow with the number of sockets
  if (match.holders.empty() || !is_synchronized(match.entry.state)) return nullptr;
  if (listeners_.parents_of(match.entry).empty()) return nullptr;
  const std::pair key(match.holders.front().pid, match.entry.local.text());
  auto known = parents_.find(key);
  if (known == parents_.end()) {
    if (parents_.size() == kMost) parents_.clear();
    known = parents_.emplace(key, take_parent(match, depth)).first;
  }
  return known->second ? &*known->second : nullptr;
}

/// What the socket alone does not explain: its listener does, or else somebody has set it.
void SocketReader::explain_rest(const Match& match, Depth depth, std::span<const OptionReading> readings,
                                std::span<Provenance> origins) {
  if (!is_any_unexplained(readings, origins)) return;
  if (const Snapshot* parent = parent_of(match, depth)) trace_inherited(readings, *parent, origins);
  name_setter(readings, origins);
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

void SocketReader::read_listener(const SocketEntry& entry, InspectedSocket& socket) {
  if (!counters_) {
    const Result<ListenCounters> counters = read_listen_counters();
    counters_ = counters ? *counters : ListenCounters{};
  }
  socket.counters = *counters_;
  socket.somaxconn = sysctls_.number("net.core.somaxconn");
  if (socket.depth == Depth::Everything) socket.sharing = listeners_.sharing(entry);
}

void SocketReader::judge(const Match& match, InspectedSocket& socket) {
  Observation observation = observe_foreign(match, socket, plan_.diagnosis.expected);
  // Asking the kernel about its neighbours takes longer than reading a socket.
  if (socket.facts) surround(observation, read_surroundings(match.entry.peer));
  socket.diagnosis = diagnose(observation, sysctls_, plan_.diagnosis.ignored);
  if (socket.facts) socket.facts->diagnosis = *socket.diagnosis;
}

InspectedSocket SocketReader::read(Match match, Depth depth) {
  InspectedSocket socket;
  socket.netns = area_.namespaces[netns_].inode();
  socket.depth = depth;
  const bool looked = plan_.looks_at_processes() && !area_.holders.late;
  const bool unheld = looked && match.holders.empty() && match.entry.inode != 0;
  socket.not_permitted = unheld && (area_.no_holders || may_be_hidden(match.entry, area_.holders));
  socket.unheld = unheld && !socket.not_permitted;
  if (listens(match.entry)) read_listener(match.entry, socket);
  if (depth == Depth::Diag) {
    socket.reason = plan_.names_processes ? "not read: no selector" : "not read: no selector (-p names its process)";
  } else if (depth == Depth::Everything) {
    read_everything(match, socket);
  } else {
    read_telling(match, socket);
  }
  if (plan_.judges || depth == Depth::Everything) judge(match, socket);
  socket.match = std::move(match);
  return socket;
}

void SocketReader::take_back(InspectedSocket socket) {
  spare_readings_ = std::move(socket.options);
  spare_readings_.clear();
  spare_origins_ = std::move(socket.origins);
  spare_origins_.clear();
}
