#include <tcpkit/sock/settings.hpp>

#include <cerrno>

#include <fmt/format.h>

#include <tcpkit/base/spelling.hpp>
#include <tcpkit/base/units.hpp>
#include <tcpkit/sock/sysctl.hpp>

#include "base/split.hpp"
#include "os/kernel.hpp"
#include "sock/codec.hpp"
#include "sock/settings.hpp"

namespace tcpkit {
namespace {

Moment moment_of(const Setting& setting) noexcept {
  if (setting.option == nullptr) return Moment::BeforeConnect;
  switch (setting.option->phase) {
    case Phase::BeforeBind:
      return Moment::BeforeBind;
    case Phase::Connected:
      return Moment::Connected;
    default:
      return Moment::BeforeConnect;
  }
}

/// Of a raw number nobody knows whether it is handed down.
bool handed_down(const Setting& setting) noexcept {
  if (setting.option == nullptr) return false;
  const Phase phase = setting.option->phase;
  if (phase == Phase::Listener || phase == Phase::BeforeBind) return true;  // an accepted socket is past that
  return phase != Phase::Connected && setting.option->inherit == Inherit::Yes;
}

std::string sysctl_text(std::string_view name) {
  const SysctlReading reading = read_sysctl(*find_sysctl(name));
  if (!reading.value) return reading.reason;
  const auto* text = std::get_if<std::string>(&*reading.value);
  return text != nullptr ? escape(*text) : "";
}

std::string congestion_controls() {
  return fmt::format("available: {}; allowed without CAP_NET_ADMIN: {}",
                     sysctl_text("net.ipv4.tcp_available_congestion_control"),
                     sysctl_text("net.ipv4.tcp_allowed_congestion_control"));
}

std::string nearest_congestion_control(std::string_view name) {
  const std::string available = sysctl_text("net.ipv4.tcp_available_congestion_control");
  return std::string(nearest(name, words(available)));
}

Error refused_congestion_control(const Setting& setting, std::error_code code) {
  const std::string& name = std::get<std::string>(setting.value);
  if (code == std::errc::operation_not_permitted) {
    return {code, fmt::format("set congestion control {}", quote(name)), congestion_controls()};
  }
  Error error = bad_value(fmt::format("{}: this kernel has no congestion control {}", setting.name, quote(name)));
  const std::string near = nearest_congestion_control(name);
  if (!near.empty()) error.doing += fmt::format(": did you mean {}?", near);
  error.hint = congestion_controls();
  return error;
}

bool denied(std::error_code code) {
  return code == std::errc::operation_not_permitted || code == std::errc::permission_denied;
}

bool unknown_to_kernel(std::error_code code) {
  return code == std::errc::no_protocol_option || code == std::errc::operation_not_supported;
}

/// An IPv4 socket answers to options of IPv6, and a multipath socket to many, as a kernel does that has never heard of
/// them. Which it is; or nothing.
std::string_view kind_without(os::Kernel& kernel, int socket, const Option& option) {
  const std::string reason = read_option(kernel, socket, option).reason;
  if (reason == kNotOnMultipath) return "is not offered on multipath sockets";
  const bool of_other_family = option.applies == Applies::Ipv6 && reason == "not applicable";
  return of_other_family ? "is for IPv6 connections, and this one is IPv4" : std::string_view();
}

/// Outside of a memory control group SO_RESERVE_MEM cannot be set though it is known (net/core/sock.c), and
/// TCP_FASTOPEN_CONNECT not where net.ipv4.tcp_fastopen is off: what can be read is no unknown option.
bool has_it_still(os::Kernel& kernel, int socket, const Option& option, std::error_code code) {
  return code == std::errc::operation_not_supported && read_option(kernel, socket, option).reason.empty();
}

Error refused_for_now(const Setting& setting, std::error_code code) {
  return {code, fmt::format("set {}", escape(setting.text)),
          fmt::format("this kernel has {}, but not as things are: tcpkit explain {}", setting.option->symbol,
                      setting.option->name)};
}

}  // namespace

bool same_option(const Setting& a, const Setting& b) noexcept {
  return a.level == b.level && a.number == b.number;
}

bool asks_for_quickack_always(std::span<const Setting> settings) noexcept {
  bool always = false;
  for (const Setting& setting : settings) {
    if (setting.option != nullptr && setting.option->symbol == "TCP_QUICKACK") always = setting.always;
  }
  return always;
}

bool belongs(const Setting& setting, Moment moment) noexcept {
  return moment == Moment::Accepted ? !handed_down(setting) : moment_of(setting) == moment;
}

Error refused(const Setting& setting, std::error_code code) {
  const bool congestion = setting.option != nullptr && setting.option->symbol == "TCP_CONGESTION";
  const bool about_its_name =
      code == std::errc::no_such_file_or_directory || code == std::errc::operation_not_permitted;
  if (congestion && about_its_name) return refused_congestion_control(setting, code);
  Error error{code, fmt::format("set {}", escape(setting.text))};
  if (denied(code)) {
    if (setting.option != nullptr && !setting.option->needs.empty()) {
      error.hint = fmt::format("it needs {}", setting.option->needs);
    }
  } else if (unknown_to_kernel(code)) {
    error.code = Errc::unsupported_option;
    if (setting.option != nullptr && !setting.option->since.empty()) {
      error.hint = fmt::format("{} is there since Linux {}", setting.option->symbol, setting.option->since);
    }
  } else if (code != std::errc::no_buffer_space && code != std::errc::not_enough_memory) {
    error = bad_value(fmt::format("{}: the kernel refuses it: {}", escape(setting.text), code.message()));
  }
  return error;
}

Error refused(os::Kernel& kernel, int socket, const Setting& setting, std::error_code code) {
  if (!unknown_to_kernel(code) || setting.option == nullptr) return refused(setting, code);
  const std::string_view why = kind_without(kernel, socket, *setting.option);
  if (why.empty() && has_it_still(kernel, socket, *setting.option, code)) return refused_for_now(setting, code);
  if (why.empty()) return refused(setting, code);
  return bad_value(fmt::format("{}: {} {}", escape(setting.text), setting.option->symbol, why));
}

Result<void> apply(os::Kernel& kernel, int socket, std::span<const Setting> settings, Moment moment) {
  for (const Setting& setting : settings) {
    if (!belongs(setting, moment)) continue;
    const std::error_code code = write_setting(kernel, socket, setting);
    if (code) return refused(kernel, socket, setting, code);
  }
  return {};
}

std::error_code write_setting(os::Kernel& kernel, int socket, const Setting& setting) {
  if (setting.option != nullptr) return write_option(kernel, socket, *setting.option, setting.value);
  const auto raw = static_cast<int>(std::get<std::int64_t>(setting.value));
  return kernel.set_option(socket, setting.level, setting.number, &raw, sizeof(raw));
}

Result<void> apply(int socket, std::span<const Setting> settings, Moment moment) {
  return apply(os::real_kernel(), socket, settings, moment);
}

}  // namespace tcpkit
