#include "serve_signals.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

namespace {

constexpr std::array kStopping = {SIGINT, SIGTERM};

std::atomic<tcpkit::Server*> g_server = nullptr;
std::atomic<int> g_count = 0;
std::atomic<int> g_last = 0;
static_assert(std::atomic<tcpkit::Server*>::is_always_lock_free && std::atomic<int>::is_always_lock_free,
              "a signal handler may use nothing else: signal-safety(7)");

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
}

extern "C" void stop_serving(int signal) {
  const int saved = errno;
  const int before = g_count.fetch_add(1);
  g_last = signal;
  if (before > 0) {
    for (const int stopping : kStopping) set_handler(stopping, SIG_DFL);
  }
  if (tcpkit::Server* server = g_server.load()) server->stop();
  errno = saved;
}

}  // namespace

StopSignals::StopSignals(tcpkit::Server& server) {
  g_count = 0;
  g_last = 0;
  g_server = &server;
  for (const int signal : kStopping) set_handler(signal, stop_serving);
}

StopSignals::~StopSignals() {
  for (const int signal : kStopping) set_handler(signal, SIG_DFL);
  g_server = nullptr;
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
