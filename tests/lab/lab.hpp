#pragma once

#include <vector>

#include <tcpkit/base/result.hpp>

#include "lab/control.hpp"
#include "lab/options.hpp"
#include "lab/path_end.hpp"
#include "lab/programs.hpp"
#include "lab/relay.hpp"
#include "os/descriptor.hpp"

namespace tcpkit::lab {

/// Both ends, the path between them, and what is to happen until it ends.
class Lab {
 public:
  /// Signals that end or wake it must be blocked by then, and `signals` a descriptor of them.
  Lab(const Options& options, PathEnd near, PathEnd far, os::Descriptor signals);

  /// The exit status.
  [[nodiscard]] Result<int> run();

 private:
  [[nodiscard]] Result<void> begin();
  void wait() const;
  void take_signals();
  void reap();
  void take_control();
  void obey(const std::string& line);
  [[nodiscard]] std::string counters() const;

  Options options_;
  PathEnd near_, far_;
  os::Descriptor signals_;
  Relay relay_;
  Lines lines_;
  std::vector<Background> background_;
  pid_t command_ = -1;  // none: standard input says what happens
  bool ended_ = false;
  int status_ = 0;
};

}  // namespace tcpkit::lab
