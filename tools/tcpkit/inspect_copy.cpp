#include "inspect_copy.hpp"

#include <cerrno>

#include <fmt/format.h>

using namespace tcpkit;

Result<ForeignSocket> copy_socket(const Match& match, const Holders& holders, ProcessDoors& doors, CopyCloser& closer) {
  Result<ForeignSocket> copied =
      system_error(may_be_hidden(match.entry, holders) ? EPERM : ESRCH, "copy a descriptor that no process has");
  for (const SocketHolder& holder : match.holders) {
    copied = ForeignSocket::copy(holder, match.entry.cookie, doors, closer);
    if (copied) break;
  }
  return copied;
}

bool may_be_hidden(const SocketEntry& entry, const Holders& holders) {
  return entry.inode != 0 && holders.not_permitted > 0;
}

std::string describe_no_holder(const SocketEntry& entry, const Holders& holders) {
  if (may_be_hidden(entry, holders)) {
    const std::string user = entry.uid ? fmt::format(" of user {}", *entry.uid) : "";
    return fmt::format("unreadable: no process{} that may be looked into has it open", user);
  }
  if (entry.inode != 0) return "unreadable: no process had it open yet, or it is one of the kernel's own";
  switch (entry.state) {
    case SocketState::SynReceived:
    case SocketState::NewSynReceived:
      return "not read: a handshake that is not over yet";
    case SocketState::Established:  // close(2) ends these states: a socket in them is still to be accepted
    case SocketState::CloseWait:
      return "not read: no process has accepted it yet";
    default:
      return "gone: no process has it open any more";
  }
}
