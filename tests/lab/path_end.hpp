#pragma once

#include <cstdint>
#include <optional>

#include <sys/types.h>

#include <tcpkit/base/result.hpp>

#include "os/descriptor.hpp"

namespace tcpkit::lab {

struct EndPlan {
  const char* ipv4;
  const char* ipv6;
  std::uint32_t mtu;
  bool keep_metrics;
};

/// A network namespace with a loopback interface and a TUN device, and the process that holds it open.
class PathEnd {
 public:
  /// By a process that has one thread.
  [[nodiscard]] static Result<PathEnd> make(const EndPlan& plan);

  PathEnd(PathEnd&& other) noexcept;
  PathEnd& operator=(PathEnd&& other) = delete;
  ~PathEnd();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] int device() const { return device_.get(); }

  /// Packets that the device dropped because nobody fetched them fast enough; nothing where that cannot be read.
  [[nodiscard]] std::optional<std::uint64_t> missed() const;

  /// Whether a TCP socket listens here.
  [[nodiscard]] bool listens() const;

 private:
  explicit PathEnd(pid_t pid) : pid_(pid) {}

  pid_t pid_;
  os::Descriptor device_;
};

/// The calling process goes into the network namespace of another one.
[[nodiscard]] Result<void> enter_network(pid_t pid);

}  // namespace tcpkit::lab
