#pragma once

#include <cstdint>
#include <string_view>

#include <tcpkit/base/result.hpp>
#include <tcpkit/net/target.hpp>

namespace tcpkit {

/// What a command takes for a target, beyond HOST:PORT and :PORT.
struct TargetForm {
  std::uint16_t least_port = 1;
  bool any_host = false;                 ///< "*" as the whole host
  std::string_view usage = "HOST:PORT";  ///< for error lines: "give ..."
};

/// parse_target() for a given form.
Result<Target> parse_target(std::string_view text, const TargetForm& form);

}  // namespace tcpkit
