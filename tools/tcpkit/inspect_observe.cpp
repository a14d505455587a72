#include "inspect_observe.hpp"

#include "inspect_words.hpp"

using namespace tcpkit;

namespace {

Snapshot snapshot_of(const Match& match, const InspectedSocket& socket) {
  if (socket.facts) return socket.facts->snapshot;
  Snapshot part{match.entry.local, match.entry.peer, socket.options, match.entry.info, {}};
  if (!match.entry.info) part.info_reason = "absent: the kernel keeps none for a socket in this state";
  return part;
}

}  // namespace

Observation observe_foreign(const Match& match, const InspectedSocket& socket, const Expectations& expected) {
  const SocketEntry& entry = match.entry;
  Observation observation;
  observation.snapshot = snapshot_of(match, socket);
  observation.expected = expected;
  observation.set_with = selecting_command(match) + " --set ";
  if (entry.state != SocketState::Listen) return observation;
  const std::optional<std::uint64_t> drops =
      entry.memory ? std::optional<std::uint64_t>(entry.memory->drops) : std::nullopt;
  observation.accept_queue = AcceptQueue{entry.receive_queue, entry.send_queue, drops};
  return observation;
}
