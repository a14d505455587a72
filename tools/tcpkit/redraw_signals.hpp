#pragma once

class Wake;

/// While this exists, a terminal that was resized (SIGWINCH) and a return from the background (SIGCONT) ask for a
/// redraw. There is one at a time.
class RedrawSignals {
 public:
  explicit RedrawSignals(Wake& wake);
  RedrawSignals(const RedrawSignals&) = delete;
  RedrawSignals& operator=(const RedrawSignals&) = delete;
  ~RedrawSignals();
};
