#include "inspect_copy.hpp"

#include <cerrno>
#include <optional>
#include <system_error>

#include <fmt/format.h>

using namespace tcpkit;

namespace {

/// That a holder has the socket no more tells nothing of one who still has it.
bool is_gone(const Error& error) {
  return error.code == std::errc::no_such_process || error.code == std::errc::bad_file_descriptor ||
         error.code == std::errc::not_a_socket || error.code == std::error_code(ESTALE, std::system_category());
}

Error no_holder(const Match& match, const Holders& holders) {
  return system_error(may_be_hidden(match.entry, holders) ? EPERM : ESRCH, "copy a descriptor that no process has");
}

}  // namespace

Result<ForeignSocket> copy_socket(const Match& match, const Holders& holders, ProcessDoors& doors, CopyCloser& closer) {
  std::optional<Error> why;
  for (const SocketHolder& holder : match.holders) {
    Result<ForeignSocket> copied = ForeignSocket::copy(holder, match.entry.cookie, doors, closer);
    if (copied) return copied;
    if (!why || is_gone(*why)) why = copied.error();
  }
  return why ? *why : no_holder(match, holders);
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
