#include "redraw_signals.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

#include "wake.hpp"

namespace {

constexpr std::array kRedrawing = {SIGWINCH, SIGCONT};

std::atomic<Wake*> g_wake = nullptr;

void set_handlers(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  for (const int signal : kRedrawing) ::sigaction(signal, &action, nullptr);
}

extern "C" void ask_for_redraw(int) {
  const int saved = errno;
  if (Wake* wake = g_wake.load()) wake->redraw();
  errno = saved;
}

}  // namespace

RedrawSignals::RedrawSignals(Wake& wake) {
  g_wake = &wake;
  set_handlers(ask_for_redraw);
}

RedrawSignals::~RedrawSignals() {
  set_handlers(SIG_DFL);
  g_wake = nullptr;
}
