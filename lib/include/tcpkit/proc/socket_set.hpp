#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/base/result.hpp>
#include <tcpkit/sock/settings.hpp>
#include <tcpkit/sock/sysctl_values.hpp>

/// Changes an option of a socket that another process uses.
namespace tcpkit {

/// Whether a setting makes sense on a socket that is in use already: Errc::bad_value says why not (it has no effect
/// after connect or listen, it is dangerous, it cannot be read so that it could not be undone, it is raw). Pure.
[[nodiscard]] TCPKIT_API Result<void> check_late_setting(const Setting& setting, bool listening);

/// What became of it.
struct LateSetting {
  std::optional<Value> before;
  Outcome outcome;                ///< with what it holds now, and why
  std::vector<std::string> undo;  ///< settings that bring the old state back, in this order: "rcvbuf=65536",
                                  ///< "buf-lock=0"; none where nothing changed, or the old value cannot be set again
};

/// Sets it, whatever check_late_setting() says, and reads it back. `sysctls` are those of the socket's namespace. Fails
/// as apply() does; then nothing was changed. Thread-safe for distinct sockets.
[[nodiscard]] TCPKIT_API Result<LateSetting> set_late(int socket, const Setting& setting, SysctlValues& sysctls);

}  // namespace tcpkit
