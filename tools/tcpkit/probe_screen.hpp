#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probe_frame.hpp"
#include "probe_plan.hpp"
#include "probe_watch_report.hpp"

class Console;

/// A connection that is watched, drawn over what was drawn before.
class WatchScreen {
 public:
  /// `plan`, `facts` and `console` outlive it.
  WatchScreen(const ProbePlan& plan, const tcpkit::ConnectionFacts& facts, Console& console);

  /// Another look: it is remembered and drawn.
  void show(const WatchSample& sample);
  /// What was drawn may be gone: the same once more.
  void redraw();
  /// The last view stays; what is written next comes below it.
  void end();

 private:
  void draw(std::string_view begin);
  [[nodiscard]] std::vector<std::string> head(const WatchSample& sample) const;

  const ProbePlan& plan_;
  const tcpkit::ConnectionFacts& facts_;
  Console& console_;
  std::vector<FrameRow> rows_;
  std::vector<std::string> head_;
  bool drawn_ = false;
};
