#include "proc/socket_owners.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <tcpkit/base/units.hpp>

#include "os/kernel.hpp"

namespace tcpkit {
namespace {

struct Close {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, Close>;

Directory open_directory(const std::string& path) {
  return Directory(::opendir(path.c_str()));
}

/// The number that a name in /proc is, or nothing for "self", "net" and their like.
std::optional<std::int64_t> number_of(const dirent& entry) {
  const Result<std::int64_t> number = parse_integer(entry.d_name, 0, INT32_MAX);
  return number ? std::optional(*number) : std::nullopt;
}

/// Of a link in /proc/PID/fd, which reads "socket:[1234]" when it is a socket (proc_pid_fd(5)).
std::optional<std::uint64_t> socket_inode(int directory, const char* name) {
  constexpr std::string_view kBefore = "socket:[";
  std::array<char, 64> room;
  const ssize_t length = ::readlinkat(directory, name, room.data(), room.size());
  if (length < 0) return std::nullopt;
  std::string_view link(room.data(), static_cast<std::size_t>(length));
  if (!link.starts_with(kBefore) || !link.ends_with(']')) return std::nullopt;
  link.remove_prefix(kBefore.size());
  link.remove_suffix(1);
  const Result<std::uint64_t> inode = parse_unsigned(link, 0, UINT64_MAX);
  return inode ? std::optional(*inode) : std::nullopt;
}

/// Those of the wanted sockets that a process has open. None when it has gone or may not be looked into.
std::vector<std::uint64_t> open_sockets(std::int64_t pid, const std::set<std::uint64_t>& wanted) {
  std::vector<std::uint64_t> found;
  const Directory descriptors = open_directory(fmt::format("/proc/{}/fd", pid));
  if (!descriptors) return found;
  const int directory = ::dirfd(descriptors.get());
  while (const dirent* entry = ::readdir(descriptors.get())) {
    const auto inode = socket_inode(directory, entry->d_name);
    if (inode && wanted.contains(*inode)) found.push_back(*inode);
  }
  return found;
}

/// The kernel ends the name with a newline; those before it are the name's own.
std::optional<SocketOwner> owner_of(std::int64_t pid) {
  std::string command;
  if (os::real_kernel().read_file(fmt::format("/proc/{}/comm", pid).c_str(), command)) return std::nullopt;
  if (command.ends_with('\n')) command.pop_back();
  return SocketOwner{pid, std::move(command)};
}

}  // namespace

std::map<std::uint64_t, SocketOwner> find_socket_owners(std::set<std::uint64_t> inodes) {
  std::map<std::uint64_t, SocketOwner> owners;
  const Directory processes = open_directory("/proc");
  if (!processes) return owners;
  while (!inodes.empty()) {
    const dirent* entry = ::readdir(processes.get());
    if (entry == nullptr) break;
    const auto pid = number_of(*entry);
    const auto found = pid ? open_sockets(*pid, inodes) : std::vector<std::uint64_t>();
    const auto owner = found.empty() ? std::nullopt : owner_of(*pid);
    if (!owner) continue;  // one that ended meanwhile may have left the socket to another
    for (const std::uint64_t inode : found) {
      owners.emplace(inode, *owner);
      inodes.erase(inode);
    }
  }
  return owners;
}

}  // namespace tcpkit
