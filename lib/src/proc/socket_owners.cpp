#include "proc/socket_owners.hpp"

#include <vector>

#include "proc/process_table.hpp"

namespace tcpkit {

std::map<std::uint64_t, SocketOwner> find_socket_owners(std::set<std::uint64_t> inodes) {
  std::map<std::uint64_t, SocketOwner> owners;
  std::vector<std::uint64_t> found;
  const auto look_into = [&](std::int64_t pid) {
    found.clear();
    const Result<void> looked = for_each_socket(pid, [&](int, std::uint64_t inode) {
      if (inodes.contains(inode)) found.push_back(inode);
      return true;
    });
    const Result<std::string> command =
        found.empty() || !looked ? Result<std::string>(std::string()) : read_command(pid);
    if (!looked || !command) return true;  // one that ended meanwhile may have left the socket to another
    for (const std::uint64_t inode : found) {
      owners.emplace(inode, SocketOwner{pid, *command});
      inodes.erase(inode);
    }
    return !inodes.empty();
  };
  if (inodes.empty()) return owners;
  const Result<void> pass = for_each_process(look_into);
  return pass ? owners : std::map<std::uint64_t, SocketOwner>();
}

}  // namespace tcpkit
