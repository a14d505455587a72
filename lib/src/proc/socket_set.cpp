#include <tcpkit/proc/socket_set.hpp>

#include <algorithm>
#include <array>
#include <cassert>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include <tcpkit/sock/provenance.hpp>
#include <tcpkit/sock/snapshot.hpp>
#include <tcpkit/sock/unit.hpp>

#include "os/kernel.hpp"
#include "sock/settings.hpp"
#include "sock/snapshot_facts.hpp"

namespace tcpkit {
namespace {

/// Why the option is never set on a socket in use, or nothing.
std::string_view never(const Option& option) {
  if (!option.late_refusal.empty()) return option.late_refusal;
  if (option.inert || option.applies == Applies::NotToTcp) return "TCP does nothing with it";
  if (option.access == Access::ReadOnly) return "it can only be read";
  if (option.access == Access::WriteOnly || option.secret) return "it cannot be read, so it could not be undone";
  return {};
}

/// Why it comes too late, or has nothing to work on; or nothing. A listener hands what shapes a handshake down to the
/// connections that it accepts from now on.
std::string_view not_now(const Option& option, bool listening) {
  if (option.works_late) return {};
  switch (option.phase) {
    case Phase::BeforeBind:
      return "it works before bind(2) only";
    case Phase::BeforeConnect:
      return listening ? "" : "it shapes the handshake, which is over";
    case Phase::Listener:
      return listening ? "" : "it works on a listening socket only";
    case Phase::Connected:
      return listening ? "it works on a connection only" : "";
    case Phase::AnyTime:
      break;
  }
  return {};
}

std::string_view refusal(const Setting& setting, bool listening) {
  if (setting.option == nullptr) return "the table does not know it, and so neither what it does nor how to undo it";
  if (setting.always) return "only the program itself can set it again after every read";
  const std::string_view why = never(*setting.option);
  return why.empty() ? not_now(*setting.option, listening) : why;
}

/// The suffix with which parse_setting() takes a number of this unit.
std::string_view suffix(Unit unit) {
  const bool time = unit == Unit::Seconds || unit == Unit::Milliseconds || unit == Unit::Microseconds;
  return time ? unit_name(unit) : std::string_view();
}

/// Ways to write the value, the plainest first.
std::vector<std::string> spellings(const Option& option, const Value& value) {
  if (const auto* on = std::get_if<bool>(&value)) return {*on ? "on" : "off"};
  if (const auto* text = std::get_if<std::string>(&value)) return {*text};
  std::string shown = format_value(option, value);
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return {fmt::format("{}{}", *number, suffix(option.unit)), std::move(shown)};
  }
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return {fmt::to_string(*number), std::move(shown)};
  return {std::move(shown)};
}

/// A setting that asks for just this value; nothing where the parser would not take any as such.
std::optional<std::string> setting_for(const Option& option, const Value& value) {
  for (const std::string& spelling : spellings(option, value)) {
    std::string text = fmt::format("{}={}", option.name, spelling);
    const Result<Setting> parsed = parse_setting(text);
    if (parsed && parsed->value == value) return text;
  }
  return std::nullopt;
}

/// The sysctl that bounds what may be asked for a buffer, or nothing for other options.
std::string_view buffer_limit(const Option& option) {
  if (option.symbol == "SO_RCVBUF") return "net.core.rmem_max";
  return option.symbol == "SO_SNDBUF" ? "net.core.wmem_max" : std::string_view();
}

/// The kernel doubles what is asked for a buffer, so the half brings it back. Autotuning may have gone further than
/// anybody may ask.
std::optional<std::string> setting_back(const Option& option, const Value& before, SysctlValues& sysctls) {
  if (option.hides_unset) return std::nullopt;
  const std::string_view limit = buffer_limit(option);
  if (limit.empty()) return setting_for(option, before);
  const std::int64_t half = std::get<std::int64_t>(before) / 2;
  if (half > sysctls.number(limit).value_or(INT32_MAX)) return std::nullopt;
  return setting_for(option, Value{half});
}

bool buffer_was_locked(const Option& option, const OptionReading& lock) {
  const std::int64_t bit = option.symbol == "SO_SNDBUF" ? kSndbufLock : kRcvbufLock;
  return !lock.value || (std::get<std::int64_t>(*lock.value) & bit) != 0;
}

/// What an option was before, and the one that setting it changes too.
struct Before {
  OptionReading own;
  std::optional<OptionReading> other;
};

Before read_before(int socket, const Option& option) {
  Before before{read_option(socket, option), std::nullopt};
  const Option* other = option.also_sets.empty() ? nullptr : find_option(option.also_sets);
  if (other != nullptr) before.other = read_option(socket, *other);
  return before;
}

std::vector<std::string> undo(int socket, const Before& before, SysctlValues& sysctls) {
  std::vector<std::string> settings;
  const Option& option = *before.own.option;
  if (!before.own.value) return settings;
  const Before now = read_before(socket, option);
  const bool own_changed = now.own.value != before.own.value;
  const bool other_changed = before.other && before.other->value && now.other->value != before.other->value;
  if (own_changed) {
    const auto back = setting_back(option, *before.own.value, sysctls);
    // Where autotuning is to find the size of a buffer again, the size it had is not needed.
    const bool needed = buffer_limit(option).empty() || !before.other || buffer_was_locked(option, *before.other);
    if (!back && needed) return settings;
    if (back) settings.push_back(*back);
  }
  if (own_changed || other_changed) {
    const auto back =
        before.other && before.other->value ? setting_for(*before.other->option, *before.other->value) : std::nullopt;
    // Setting the option back changes the other one once more.
    if (back) settings.push_back(*back);
  }
  return settings;
}

Outcome judge_late(int socket, const Setting& setting, SysctlValues& sysctls) {
  const Result<HostFacts> facts = find_host_facts();
  const Snapshot snapshot = take_snapshot(socket);
  return judge(std::span(&setting, 1), snapshot, facts ? *facts : HostFacts{}, sysctls).front();
}

}  // namespace

Result<void> check_late_setting(const Setting& setting, bool listening) {
  const std::string_view why = refusal(setting, listening);
  if (why.empty()) return {};
  return bad_value(fmt::format("{} is not set on a {} in use: {}", setting.name,
                               listening ? "listening socket" : "connection", why));
}

Result<LateSetting> set_late(int socket, const Setting& setting, SysctlValues& sysctls) {
  os::Kernel& kernel = os::real_kernel();
  const bool known = setting.option != nullptr;
  const Before before = known ? read_before(socket, *setting.option) : Before{};
  if (const auto code = write_setting(kernel, socket, setting)) return refused(kernel, socket, setting, code);
  LateSetting late{before.own.value, judge_late(socket, setting, sysctls), {}};
  if (known) late.undo = undo(socket, before, sysctls);
  return late;
}

}  // namespace tcpkit
