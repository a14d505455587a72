#pragma once

/// While this exists, SIGINT and SIGTERM call stop() of an object, which has to be async-signal-safe. So many signals
/// do that, `most`; the next one does what it does to any program. There is one at a time.
class StopSignals {
 public:
  template <class Stopped>
  StopSignals(Stopped& stopped, int most)
      : StopSignals(&stopped, most, [](void* object) { static_cast<Stopped*>(object)->stop(); }) {}
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  ~StopSignals();

  /// How many have come.
  [[nodiscard]] static int count();
  /// The last one that came, or 0.
  [[nodiscard]] static int last();

 private:
  StopSignals(void* stopped, int most, void (*stop)(void*));
};

/// A reader that goes away is an error of the write, not the end of the program.
void ignore_broken_pipes();
