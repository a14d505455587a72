#include "proc/process_table.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <string_view>

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

/// All of the text as a number; nothing for "self", "net", "." and their like.
template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Of a link in /proc/PID/fd, which reads "socket:[1234]" when it is a socket (proc_pid_fd(5)).
std::optional<std::uint64_t> socket_inode(std::string_view link) {
  constexpr std::string_view kBefore = "socket:[";
  if (!link.starts_with(kBefore) || !link.ends_with(']')) return std::nullopt;
  return number_of<std::uint64_t>(link.substr(kBefore.size(), link.size() - kBefore.size() - 1));
}

Error no_look(std::int64_t pid, int errno_value) {
  return system_error(errno_value, fmt::format("list the descriptors of process {}", pid));
}

Result<std::string> read_process_file(std::int64_t pid, const char* name) {
  const std::string path = fmt::format("/proc/{}/{}", pid, name);
  std::string content;
  if (const auto code = os::real_kernel().read_file(path.c_str(), content)) return Error{code, "read " + path};
  return content;
}

}  // namespace

Result<void> for_each_process(const std::function<bool(std::int64_t pid)>& each) {
  const Directory processes(::opendir("/proc"));
  if (!processes) return system_error(errno, "list the processes in /proc");
  while (const dirent* entry = ::readdir(processes.get())) {
    const auto pid = number_of<std::int64_t>(entry->d_name);
    if (pid && !each(*pid)) break;
  }
  return {};
}

Result<void> for_each_socket(std::int64_t pid, const std::function<bool(int fd, std::uint64_t inode)>& each) {
  const Directory descriptors(::opendir(fmt::format("/proc/{}/fd", pid).c_str()));
  if (!descriptors) return no_look(pid, errno);
  const int directory = ::dirfd(descriptors.get());
  std::array<char, 64> room;  // a longer link is a file's: cut, it does not end as a socket's does
  while (const dirent* entry = ::readdir(descriptors.get())) {
    const auto fd = number_of<int>(entry->d_name);
    if (!fd) continue;
    const ssize_t length = ::readlinkat(directory, entry->d_name, room.data(), room.size());
    // Listing asks for the owner's rights, following a link for those of ptrace(2): one may be granted alone.
    if (length < 0 && (errno == EACCES || errno == EPERM)) return no_look(pid, errno);
    if (length < 0) continue;  // closed since it was listed
    const auto inode = socket_inode({room.data(), static_cast<std::size_t>(length)});
    if (inode && !each(*fd, *inode)) break;
  }
  return {};
}

Result<std::string> read_command(std::int64_t pid) {
  Result<std::string> command = read_process_file(pid, "comm");
  if (command && command->ends_with('\n')) command->pop_back();  // those before it are the name's own
  return command;
}

Result<std::int64_t> process_of_thread(std::int64_t pid) {
  constexpr std::string_view kField = "\nTgid:\t";
  const Result<std::string> status = read_process_file(pid, "status");
  if (!status) return status.error();
  const std::size_t at = status->find(kField);  // the name before it has its newlines escaped
  if (at == std::string::npos) return pid;
  const std::string_view rest = std::string_view(*status).substr(at + kField.size());
  return number_of<std::int64_t>(rest.substr(0, rest.find('\n'))).value_or(pid);
}

bool is_own_trouble(const Error& error) {
  return error.code == std::errc::too_many_files_open || error.code == std::errc::too_many_files_open_in_system ||
         error.code == std::errc::not_enough_memory;
}

}  // namespace tcpkit
