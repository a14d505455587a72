#include "stop_signals.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

namespace {

constexpr std::array kStopping = {SIGINT, SIGTERM};

std::atomic<void*> g_stopped = nullptr;
std::atomic<void (*)(void*)> g_stop = nullptr;
std::atomic<int> g_most = 0;
std::atomic<int> g_count = 0;
std::atomic<int> g_last = 0;
static_assert(std::atomic<void*>::is_always_lock_free && std::atomic<int>::is_always_lock_free,
              "a signal handler may use nothing else: signal-safety(7)");

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
}

extern "C" void stop_object(int signal) {
  const int saved = errno;
  const int count = g_count.fetch_add(1) + 1;
  g_last = signal;
  if (count >= g_most) {
    for (const int stopping : kStopping) set_handler(stopping, SIG_DFL);
  }
  if (void* stopped = g_stopped.load()) g_stop.load()(stopped);
  errno = saved;
}

}  // namespace

StopSignals::StopSignals(void* stopped, int most, void (*stop)(void*)) {
  g_count = 0;
  g_last = 0;
  g_most = most;
  g_stop = stop;
  g_stopped = stopped;
  for (const int signal : kStopping) set_handler(signal, stop_object);
}

StopSignals::~StopSignals() {
  for (const int signal : kStopping) set_handler(signal, SIG_DFL);
  g_stopped = nullptr;
}

int StopSignals::count() {
  return g_count;
}

int StopSignals::last() {
  return g_last;
}

void ignore_broken_pipes() {
  set_handler(SIGPIPE, SIG_IGN);
}
