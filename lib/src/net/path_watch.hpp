#pragma once

#include <deque>

#include "net/flow.hpp"
#include "net/path_sample.hpp"

namespace tcpkit {

/// Asks the kernel about a load's connections when stretches of time begin and end. A few hundred tell as much as all,
/// and do not hold the others up.
class PathWatch {
 public:
  explicit PathWatch(LoadMode mode) : mode_(mode) {}

  void begin(const std::deque<Flow>& flows);

  /// To be called often while something is measured.
  void look(const Flow& flow);

  /// Since begin() or the last end_interval().
  PathNumbers end_interval(const std::deque<Flow>& flows);
  /// Since begin(), after the last end_interval().
  [[nodiscard]] PathNumbers total() const;

 private:
  struct Mark {
    PathSample sample;
    WindowLooks looks;
  };
  [[nodiscard]] PathNumbers between(const Mark& from, const Mark& to) const;
  [[nodiscard]] Mark mark(const std::deque<Flow>& flows) const;

  LoadMode mode_;
  WindowLooks looks_;
  Mark begin_;
  Mark last_;
};

}  // namespace tcpkit
