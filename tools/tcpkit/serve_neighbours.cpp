#include "serve_neighbours.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

using namespace tcpkit;

namespace {

std::string owner_text(const ListeningSocket& socket) {
  if (!socket.owner) return "a process that this user may not look at";
  return fmt::format("pid {} ({})", socket.owner->pid, escape(socket.owner->command));
}

/// The threads of one server have a socket each.
bool same_owner(const ListeningSocket& a, const ListeningSocket& b) {
  if (!a.owner || !b.owner) return !a.owner && !b.owner;
  return a.owner->pid == b.owner->pid;
}

void add_new(std::vector<Neighbour>& neighbours, Neighbour found) {
  const auto known = [&](const Neighbour& other) {
    return other.ours.port() == found.ours.port() && same_owner(other.theirs, found.theirs);
  };
  if (std::ranges::none_of(neighbours, known)) neighbours.push_back(std::move(found));
}

}  // namespace

std::vector<Neighbour> find_neighbours(std::span<const Endpoint> addresses) {
  std::vector<Neighbour> neighbours;
  for (const Endpoint& address : addresses) {
    if (address.port() == 0) continue;
    Result<std::vector<ListeningSocket>> found = find_listeners(address);
    if (!found) continue;
    for (ListeningSocket& socket : *found) add_new(neighbours, {address, std::move(socket)});
  }
  return neighbours;
}

// The kernel prefers the listener whose address is the more exact one: net/ipv4/inet_hashtables.c, compute_score().
std::string describe_sharing(const Neighbour& neighbour) {
  const Endpoint& ours = neighbour.ours;
  const std::string owner = owner_text(neighbour.theirs);
  if (ours == neighbour.theirs.address || is_any_address(ours) == is_any_address(neighbour.theirs.address)) {
    return fmt::format("port {} is shared with {}: it gets part of the connections", ours.port(), owner);
  }
  const bool we_win = is_any_address(neighbour.theirs.address);
  return fmt::format("port {} is shared with {}: connections to {} come {}", ours.port(), owner,
                     escape(we_win ? ours.address() : neighbour.theirs.address.address()),
                     we_win ? "here" : "to it alone");
}

std::string describe_holders(std::span<const Neighbour> neighbours) {
  if (neighbours.empty()) return "no listener holds it: a socket that does not listen does, or an old connection";
  std::string holders;
  for (const Neighbour& neighbour : neighbours) {
    holders += fmt::format("{}{}", holders.empty() ? "held by " : ", ", owner_text(neighbour.theirs));
  }
  return holders;
}
