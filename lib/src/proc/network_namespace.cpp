#include <tcpkit/proc/network_namespace.hpp>

#include <cerrno>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <tcpkit/base/units.hpp>

#include "os/descriptor.hpp"

namespace tcpkit {
namespace {

/// A descriptor of a namespace, and its inode number.
struct Opened {
  os::Descriptor descriptor;
  std::uint64_t inode = 0;
};

Result<Opened> open_namespace(const std::string& path, const std::string& doing) {
  os::Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor) return system_error(errno, doing);
  // A file below /run/netns may be what is left of a namespace whose mount did not survive.
  if (::ioctl(descriptor.get(), NS_GET_NSTYPE) != CLONE_NEWNET) return system_error(EINVAL, doing);
  struct stat facts = {};
  if (::fstat(descriptor.get(), &facts) != 0) return system_error(errno, doing);
  return Opened{std::move(descriptor), facts.st_ino};
}

/// As `ip netns` keeps them: a file name.
bool may_be_name(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && text.find('/') == std::string_view::npos &&
         text.find('\0') == std::string_view::npos && text.size() < 256;
}

/// In another thread, whose namespace is nobody else's business; an exception goes on in the caller's.
Result<void> run_inside(int descriptor, const std::function<void()>& work) {
  int entering = 0;
  std::exception_ptr thrown;
  const auto body = [&] {
    if (::setns(descriptor, CLONE_NEWNET) != 0) {
      entering = errno;
      return;
    }
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
  };
  try {
    std::thread(body).join();
  } catch (const std::system_error& error) {
    return Error{error.code(), "start a thread for another network namespace"};
  }
  if (thrown) std::rethrow_exception(thrown);
  return entering == 0 ? Result<void>() : system_error(entering, "enter a network namespace");
}

}  // namespace

Result<NetworkNamespace> NetworkNamespace::own() {
  Result<Opened> opened = open_namespace("/proc/thread-self/ns/net", "open the network namespace of this thread");
  if (!opened) return opened.error();
  return NetworkNamespace(opened->descriptor.release(), opened->inode);
}

Result<NetworkNamespace> NetworkNamespace::of_process(std::int64_t pid) {
  Result<Opened> opened =
      open_namespace(fmt::format("/proc/{}/ns/net", pid), fmt::format("open the network namespace of process {}", pid));
  if (!opened) return opened.error();
  return NetworkNamespace(opened->descriptor.release(), opened->inode);
}

Result<NetworkNamespace> NetworkNamespace::named(std::string_view name_or_pid) {
  if (!may_be_name(name_or_pid)) {
    return bad_value(fmt::format("{} is neither a network namespace nor a process id", quote(name_or_pid)));
  }
  // A name of digits is a name first, as `ip link set DEVICE netns` has it.
  Result<Opened> opened = open_namespace(fmt::format("/run/netns/{}", name_or_pid),
                                         fmt::format("open the network namespace {}", quote(name_or_pid)));
  if (opened) return NetworkNamespace(opened->descriptor.release(), opened->inode);
  if (opened.error().code != std::errc::no_such_file_or_directory) return opened.error();
  const Result<std::int64_t> pid = parse_integer(name_or_pid, 1, INT32_MAX);
  if (pid) return of_process(*pid);
  return bad_value(fmt::format("{} is neither a network namespace in /run/netns nor a process id", quote(name_or_pid)));
}

NetworkNamespace::NetworkNamespace(NetworkNamespace&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), inode_(other.inode_) {}

NetworkNamespace& NetworkNamespace::operator=(NetworkNamespace&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(inode_, other.inode_);
  return *this;
}

NetworkNamespace::~NetworkNamespace() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> NetworkNamespace::run(const std::function<void()>& work) const {
  if (const Result<NetworkNamespace> here = own(); here && here->inode() == inode_) {
    work();
    return {};
  }
  return run_inside(descriptor_, work);
}

}  // namespace tcpkit
