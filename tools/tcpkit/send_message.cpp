#include "send_message.hpp"

#include <cerrno>

#include "console.hpp"

ExitCode send_messages(const SendPlan& /*plan*/, Console& console) {
  return console.fail(tcpkit::system_error(ENOSYS, "send"));
}
