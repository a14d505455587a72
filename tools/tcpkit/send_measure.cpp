#include "send_measure.hpp"

#include <cerrno>

#include "console.hpp"

ExitCode measure(const SendPlan& /*plan*/, Console& console) {
  return console.fail(tcpkit::system_error(ENOSYS, "measure"));
}
