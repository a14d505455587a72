#include "output_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <tcpkit/base/units.hpp>

using namespace tcpkit;

namespace {

Error write_error(const std::string& path, int errno_value) {
  return system_error(errno_value, fmt::format("write {}", escape(path)));
}

int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

/// Its bytes are on the disk before its name is: fsync(2).
int fill(int descriptor, std::string_view text) {
  constexpr mode_t kReadableByAll = 0644;
  if (const int failure = write_all(descriptor, text); failure != 0) return failure;
  const bool settled = ::fchmod(descriptor, kReadableByAll) == 0 && ::fsync(descriptor) == 0;
  return settled ? 0 : errno;
}

/// The new name is on the disk as well. Not every file system can: the file is there all the same.
void settle(const std::string& directory) {
  const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

Result<OutputFile> OutputFile::at(const std::string& path) {
  std::error_code ignored;
  const std::filesystem::path real = std::filesystem::weakly_canonical(path, ignored);
  const std::string resolved = ignored || real.empty() ? path : real.string();
  struct stat status {};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    Error error = write_error(path, S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
    error.hint = "--output is for regular files; > writes to anything else";
    return error;
  }
  const std::size_t slash = resolved.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : resolved.substr(0, slash + 1);
  if (path.empty() || path.ends_with('/')) return write_error(path, ENOENT);
  if (::access(directory.c_str(), W_OK | X_OK) != 0) return write_error(path, errno);
  return OutputFile(resolved, directory);
}

Result<void> OutputFile::replace(std::string_view text) const {
  std::string beside = fmt::format("{}/.tcpkit-XXXXXX", directory_);
  const int descriptor = ::mkostemp(beside.data(), O_CLOEXEC);
  if (descriptor < 0) return write_error(path_, errno);
  int failure = fill(descriptor, text);
  ::close(descriptor);
  if (failure == 0 && ::rename(beside.c_str(), path_.c_str()) != 0) failure = errno;
  if (failure == 0) {
    settle(directory_);
    return {};
  }
  ::unlink(beside.c_str());
  return write_error(path_, failure);
}
