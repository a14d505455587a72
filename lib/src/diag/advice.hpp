#pragma once

#include <chrono>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include <tcpkit/diag/observation.hpp>

/// Remedies know what the user already did, and how options are set where the finding is shown.
namespace tcpkit {

/// What became of the setting of this option, or of any of these, if tcpkit made one; the last one counts.
const Outcome* asked_for(const Observation& observation, std::string_view symbol);
const Outcome* asked_for(const Observation& observation, std::initializer_list<std::string_view> symbols);

/// The flag that made a setting, as typed: "-o rcvbuf=64K", "--interface eth0".
std::string flag_of(const Setting& setting);

/// "-o nodelay", "tcpkit inspect --pid 812 --set nodelay": a command or flag that can be pasted.
std::string set_with(const Observation& observation, std::string_view setting);

/// Several settings in one command, and which of the user's flags they take the place of:
/// "-o keepalive -o keepidle=60s in place of -o keepidle=2h".
std::string change_to(const Observation& observation, std::span<const std::string> settings);
std::string change_to(const Observation& observation, const std::string& setting);

/// "user-timeout=2500ms", "keepidle=300s": as the parser of settings takes it.
std::string time_setting(std::string_view name, std::chrono::milliseconds time);

}  // namespace tcpkit
