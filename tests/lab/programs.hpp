#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include <tcpkit/base/result.hpp>

#include "lab/path_end.hpp"

/// Programs that run at the ends of the path.
namespace tcpkit::lab {

/// A program at one end, with our standard streams; a failure to start it is its exit status 127, as in a shell.
[[nodiscard]] Result<pid_t> start_program(const PathEnd& end, const std::vector<std::string>& command);

/// A shell command; it ends with this value, and so does all that it started: asked first, then killed.
class Background {
 public:
  /// It reads nothing, and what it prints goes to our standard error.
  [[nodiscard]] static Result<Background> start(const PathEnd& end, const std::string& command);

  Background(Background&& other) noexcept;
  Background& operator=(Background&& other) = delete;
  ~Background();

  [[nodiscard]] bool has_ended() const;

 private:
  explicit Background(pid_t pid) : pid_(pid) {}

  pid_t pid_;
};

/// Until something listens at that end, or the program that should has ended, or it takes too long.
[[nodiscard]] Result<void> wait_for_listener(const PathEnd& end, const Background& program);

}  // namespace tcpkit::lab
