#include "descriptor_limits.hpp"

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

using namespace tcpkit;

namespace {

constexpr std::uint64_t kUsualConnections = 1024;
constexpr std::uint64_t kWorthALine =
    kUsualConnections / 2;               // a shell's usual limit of 1024 leaves a few less, no news
constexpr std::uint64_t kPerThread = 4;  // epoll, its wake-up, and two to spare
constexpr std::uint64_t kInPassing = 8;  // the control loop, files of /proc, sockets to look at this host with
constexpr int kMostLookedAt = 1024;      // inherited descriptors above are nobody's habit

std::uint64_t open_descriptors(std::uint64_t soft) {
  const int end = static_cast<int>(std::min<std::uint64_t>(soft, kMostLookedAt));
  std::uint64_t open = 0;
  for (int descriptor = 0; descriptor < end; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) != -1) ++open;
  }
  return open;
}

std::uint64_t room_below(std::uint64_t limit, std::uint64_t reserve) {
  return limit > reserve ? limit - reserve : 1;
}

}  // namespace

ConnectionLimit fit_connections(std::optional<std::uint64_t> asked, const DescriptorRoom& room) {
  if (!asked) {
    const std::uint64_t room_for = room_below(room.soft, room.reserve);
    const std::uint64_t fitting = std::min(kUsualConnections, room_for);
    if (fitting >= kWorthALine) return {fitting, room.soft, {}};
    return {fitting, room.soft,
            fmt::format("serving at most {} connection{} at once: the limit on descriptors (ulimit -n) is {}", fitting,
                        fitting == 1 ? "" : "s", room.soft)};
  }
  const std::uint64_t needed = *asked + room.reserve;
  if (needed <= room.hard) return {*asked, std::max(room.soft, needed), {}};
  const std::uint64_t fitting = std::min(*asked, room_below(room.hard, room.reserve));
  return {fitting, room.hard,
          fmt::format("--max-connections {}: the hard limit on descriptors (RLIMIT_NOFILE) is {}, of which {} are "
                      "needed elsewhere: serving at most {} at once",
                      *asked, room.hard, room.reserve, fitting)};
}

Result<std::uint64_t> descriptors_for(std::uint64_t connections, const DescriptorRoom& room) {
  const std::uint64_t needed = connections + room.reserve;
  if (needed <= room.hard) return std::max(room.soft, needed);
  Error error = system_error(
      EMFILE, fmt::format("open {} connections: that takes {} descriptors, and the hard limit (ulimit -Hn, "
                          "RLIMIT_NOFILE) is {}",
                          connections, needed, room.hard));
  return error;
}

Result<DescriptorRoom> descriptor_room(std::size_t listeners, std::size_t threads) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return system_error(errno, "read the limit on descriptors");
  const std::uint64_t reserve = open_descriptors(limit.rlim_cur) + threads * (listeners + kPerThread) + kInPassing;
  return DescriptorRoom{limit.rlim_cur, limit.rlim_max, reserve};
}

Result<void> raise_descriptor_limit(std::uint64_t soft) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return system_error(errno, "read the limit on descriptors");
  if (limit.rlim_cur >= soft) return {};
  limit.rlim_cur = soft;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return system_error(errno, "raise the limit on descriptors");
  return {};
}
