#pragma once

#include <string>
#include <string_view>

#include <tcpkit/diag/observation.hpp>

/// Remedies know what the user already did, and how options are set where the finding is shown.
namespace tcpkit {

/// What became of the setting of this option, if tcpkit made one; the last one counts.
const Outcome* asked_for(const Observation& observation, std::string_view symbol);

/// The flag that made a setting, as typed: "-o rcvbuf=64K", "--interface eth0".
std::string flag_of(const Setting& setting);

/// "-o nodelay", "tcpkit inspect --pid 812 --set nodelay": a command or flag that can be pasted.
std::string set_with(const Observation& observation, std::string_view setting);

}  // namespace tcpkit
