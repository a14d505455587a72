#pragma once

#include <chrono>
#include <ctime>

#include <tcpkit/base/units.hpp>

namespace tcpkit {

/// What this thread has taken of a processor. getrusage(2) would forget what it took since the last tick.
inline Nanoseconds processor_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + Nanoseconds(time.tv_nsec);
}

}  // namespace tcpkit
