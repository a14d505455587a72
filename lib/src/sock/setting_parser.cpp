// "-o NAME=VALUE" into a Setting, by the kind and unit of the option's row.
#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include <fmt/format.h>
#include <netinet/in.h>

#include <tcpkit/base/spelling.hpp>
#include <tcpkit/base/units.hpp>
#include <tcpkit/sock/settings.hpp>
#include <tcpkit/sock/unit.hpp>

#include "base/letters.hpp"
#include "base/split.hpp"
#include "os/interface.hpp"
#include "sock/named_numbers.hpp"

namespace tcpkit {
namespace {

constexpr int kTcpRepair = 19;         // include/uapi/linux/tcp.h
constexpr int kTcpRepairOptions = 22;  // TCP_REPAIR, _QUEUE, TCP_QUEUE_SEQ, TCP_REPAIR_OPTIONS stand in a row
constexpr int kTcpRepairWindow = 29;

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower_case, lower_case);
}

std::string join_names(std::span<const NamedNumber> names) {
  std::string list;
  for (const NamedNumber& named : names) {
    list += fmt::format("{}{}", list.empty() ? "" : " ", named.name);
  }
  return list;
}

const NamedNumber* find_named(std::span<const NamedNumber> names, std::string_view word) {
  const auto found = std::ranges::find_if(names, [&](const NamedNumber& n) { return same_word(n.name, word); });
  return found == names.end() ? nullptr : &*found;
}

Error out_of_range(const Option& option, std::string_view text) {
  const std::string_view unit = unit_name(option.unit);
  return bad_value(
      fmt::format("{} is outside {}..{}{}{}", quote(text), option.min, option.max, unit.empty() ? "" : " ", unit));
}

/// Numbers with a meaning of their own may lie outside the range: -1 for the default, 0 for none.
bool special(const Option& option, std::int64_t number) {
  return !name_of(option.special, static_cast<std::uint64_t>(number)).empty();
}

Result<Value> in_range(const Option& option, std::string_view text, std::int64_t number) {
  if ((number < option.min || number > option.max) && !special(option, number)) {
    return out_of_range(option, text);
  }
  return Value(number);
}

Result<Value> parse_switch(const Option&, std::string_view text) {
  constexpr std::array<std::string_view, 4> kOn = {"on", "yes", "1", "true"};
  constexpr std::array<std::string_view, 4> kOff = {"off", "no", "0", "false"};
  if (std::ranges::find(kOn, text) != kOn.end()) return Value(true);
  if (std::ranges::find(kOff, text) != kOff.end()) return Value(false);
  return bad_value(fmt::format("{} is not on or off", quote(text)));
}

std::int64_t nanoseconds_per(Unit unit) {
  switch (unit) {
    case Unit::Seconds:
      return 1'000'000'000;
    case Unit::Milliseconds:
      return 1'000'000;
    case Unit::Microseconds:
      return 1'000;
    default:
      return 1;
  }
}

Result<Value> parse_time(const Option& option, std::string_view text) {
  const std::int64_t per_unit = nanoseconds_per(option.unit);
  const std::int64_t max = std::min(option.max, INT64_MAX / per_unit);
  const Result<Nanoseconds> duration = parse_duration(text, Nanoseconds(max * per_unit));
  if (!duration) return duration.error();
  if (duration->count() % per_unit != 0) {
    return bad_value(
        fmt::format("{} is not a whole number of {}, the kernel's unit here", quote(text), unit_name(option.unit)));
  }
  return in_range(option, text, duration->count() / per_unit);
}

Result<Value> parse_size(const Option& option, std::string_view text) {
  const Result<std::uint64_t> bytes = parse_bytes(text, static_cast<std::uint64_t>(option.max));
  if (!bytes) return bytes.error();
  return in_range(option, text, static_cast<std::int64_t>(*bytes));
}

Result<Value> parse_plain(const Option& option, std::string_view text) {
  const Result<std::int64_t> any = parse_integer(text, INT64_MIN, INT64_MAX);
  if (any && special(option, *any)) return Value(*any);
  const Result<std::int64_t> number = parse_integer(text, option.min, option.max);
  if (!number) return number.error();
  return Value(*number);
}

Result<Value> parse_number(const Option& option, std::string_view text) {
  if (const NamedNumber* special = find_named(option.special, text)) {
    return Value(static_cast<std::int64_t>(special->number));
  }
  switch (option.unit) {
    case Unit::Seconds:
    case Unit::Milliseconds:
    case Unit::Microseconds:
      if (text.starts_with('-') && (option.min < 0 || !option.special.empty())) return parse_plain(option, text);
      return parse_time(option, text);
    case Unit::Bytes:
    case Unit::BytesPerSecond:
      return parse_size(option, text);
    default:
      return parse_plain(option, text);
  }
}

Result<Value> parse_unsigned64(const Option& option, std::string_view text) {
  if (const NamedNumber* special = find_named(option.special, text)) return Value(special->number);
  const Result<std::uint64_t> any = parse_unsigned(text, 0, UINT64_MAX);
  if (any && special(option, static_cast<std::int64_t>(*any))) return Value(*any);
  const Result<Value> number = parse_number(option, text);
  if (!number) return number.error();
  return Value(static_cast<std::uint64_t>(std::get<std::int64_t>(*number)));
}

Result<Value> parse_enumeration(const Option& option, std::string_view text) {
  if (const NamedNumber* named = find_named(option.names, text)) {
    return Value(static_cast<std::int64_t>(named->number));
  }
  const Result<std::int64_t> number = parse_integer(text, option.min, option.max);
  if (number) return Value(*number);
  return bad_value(fmt::format("{} is not one of: {}", quote(text), join_names(option.names)));
}

Result<Value> parse_flags(const Option& option, std::string_view text) {
  const Result<std::int64_t> number = parse_integer(text, std::max<std::int64_t>(option.min, 0), option.max);
  if (number) return Value(*number);
  std::int64_t bits = 0;
  for (const std::string_view word : split(text, '+')) {
    const NamedNumber* named = find_named(option.names, word);
    if (named == nullptr) {
      return bad_value(
          fmt::format("{} is not a number or names joined by '+': {}", quote(text), join_names(option.names)));
    }
    bits |= static_cast<std::int64_t>(named->number);
  }
  return Value(bits);
}

Result<Value> parse_name(const Option& option, std::string_view text) {
  const bool printable = std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (text.empty() || text.size() >= option.size || !printable) {
    return bad_value(fmt::format("{} is not a name of 1 to {} printable characters", quote(text), option.size - 1));
  }
  return Value(std::string(text));
}

Result<Value> parse_linger(const Option&, std::string_view text) {
  if (text == "off") return Value(Structure{{"onoff", 0}, {"linger", 0}});
  const Result<Nanoseconds> duration = parse_duration(text);
  constexpr std::int64_t kPerSecond = 1'000'000'000;
  if (!duration || duration->count() % kPerSecond != 0 || duration->count() / kPerSecond > INT32_MAX) {
    return bad_value(fmt::format("{} is not \"off\" or whole seconds from 0s to {}s", quote(text), INT32_MAX));
  }
  return Value(Structure{{"onoff", 1}, {"linger", duration->count() / kPerSecond}});
}

Result<Value> parse_interface(const Option&, std::string_view text) {
  if (text == "0") return Value(std::int64_t{0});
  if (const auto index = os::find_interface(text)) return Value(std::int64_t{*index});
  return bad_value(fmt::format("{} is not an interface of this host", quote(text)));
}

Result<Value> parse_port_range(const Option&, std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash != std::string_view::npos) {
    const auto low = parse_integer(text.substr(0, dash), 1, 65535);
    const auto high = parse_integer(text.substr(dash + 1), 1, 65535);
    if (low && high && *low <= *high) return Value(Numbers{*low, *high});
  }
  return bad_value(fmt::format("{} is not a range of ports, like 40000-40999", quote(text)));
}

Result<Value> parse_value(const Option& option, std::string_view text) {
  switch (option.kind) {
    case Kind::Switch:
      return parse_switch(option, text);
    case Kind::Integer:
    case Kind::Unsigned32:
    case Kind::Timeval:
      return parse_number(option, text);
    case Kind::Unsigned64:
      return parse_unsigned64(option, text);
    case Kind::Enumeration:
      return parse_enumeration(option, text);
    case Kind::Flags:
      return parse_flags(option, text);
    case Kind::Name:
      return parse_name(option, text);
    case Kind::Linger:
      return parse_linger(option, text);
    case Kind::NetworkIndex:
      return parse_interface(option, text);
    case Kind::PortRange:
      return parse_port_range(option, text);
    case Kind::Words:
    case Kind::Bytes:
    case Kind::Address:
      break;
  }
  return bad_value("a structure cannot be given as text");
}

Error unknown_option(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Option& option : options()) names.push_back(option.name);
  for (const Option& option : options()) names.push_back(option.symbol);
  Error error = bad_value(fmt::format("unknown socket option {}", quote(name)));
  const std::string_view near = nearest(name, names);
  if (!near.empty()) error.doing += fmt::format(": did you mean {}?", near);
  error.hint = "`tcpkit explain` lists them all; any other number goes as LEVEL:NUMBER=INT";
  return error;
}

bool looks_raw(std::string_view name) {
  return !name.empty() && name.find(':') != std::string_view::npos &&
         std::ranges::all_of(name, [](unsigned char c) { return std::isdigit(c) != 0 || c == ':' || c == '-'; });
}

bool checkpoint_only(int level, int number) {
  return level == IPPROTO_TCP && ((number >= kTcpRepair && number <= kTcpRepairOptions) || number == kTcpRepairWindow);
}

/// A raw integer as the value of its row; nothing where the row holds no plain integer.
std::optional<Value> as_value_of(const Option& option, std::int64_t integer) {
  switch (option.kind) {
    case Kind::Switch:
      if (integer == 0 || integer == 1) return Value(integer == 1);
      return std::nullopt;
    case Kind::Integer:
    case Kind::Unsigned32:
    case Kind::Enumeration:
    case Kind::Flags:
      return Value(integer);
    default:
      return std::nullopt;
  }
}

/// What the table does know is told like any other setting; its range is left to the kernel.
void adopt_row(Setting& setting, std::int64_t integer) {
  const Option* option = find_option(setting.level, setting.number);
  if (option == nullptr || option->access == Access::ReadOnly) return;
  const std::optional<Value> value = as_value_of(*option, integer);
  if (!value) return;
  setting.option = option;
  setting.name = std::string(option->name);
  setting.value = *value;
}

Result<Setting> parse_raw(std::string_view text, std::string_view name, std::string_view value) {
  const std::size_t colon = name.find(':');
  const auto level = parse_integer(name.substr(0, colon), 0, INT32_MAX);
  const auto number = parse_integer(name.substr(colon + 1), 0, INT32_MAX);
  if (!level || !number) {
    return bad_value(fmt::format("{} is not LEVEL:NUMBER, two whole numbers like 6:1", quote(name)));
  }
  const auto integer = parse_integer(value, INT32_MIN, INT32_MAX);
  if (!integer) return bad_value(fmt::format("{}: {}", name, integer.error().doing));
  Setting setting;
  setting.level = static_cast<int>(*level);
  setting.number = static_cast<int>(*number);
  if (checkpoint_only(setting.level, setting.number)) {
    return bad_value(
        fmt::format("{} is TCP_REPAIR or belongs to it: it breaks live connections and is not offered", name));
  }
  setting.name = std::string(name);
  setting.text = std::string(text);
  setting.value = *integer;
  adopt_row(setting, *integer);
  return setting;
}

Result<Setting> parse_known(std::string_view text, const Option& option, std::string_view value) {
  if (option.access == Access::ReadOnly) {
    return bad_value(fmt::format("{} can only be read, not set", option.name));
  }
  Setting setting{&option, option.level, option.number, std::string(option.name), std::string(text), true, false};
  if (value == "always" && option.symbol == "TCP_QUICKACK") {
    setting.always = true;
    return setting;
  }
  Result<Value> parsed = parse_value(option, value);
  if (!parsed) return bad_value(fmt::format("{}: {}", option.name, parsed.error().doing));
  setting.value = std::move(*parsed);
  return setting;
}

}  // namespace

Result<Setting> parse_setting(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  if (name.empty()) return bad_value(fmt::format("{} names no socket option: give NAME or NAME=VALUE", quote(text)));
  const bool bare = equals == std::string_view::npos;
  const std::string_view value = bare ? "on" : text.substr(equals + 1);
  if (looks_raw(name)) return parse_raw(text, name, bare ? "" : value);
  const Option* option = find_option(name);
  if (option == nullptr) return unknown_option(name);
  if (bare && option->kind != Kind::Switch && option->access != Access::ReadOnly) {
    return bad_value(fmt::format("{} needs a value: {}=VALUE", option->name, option->name));
  }
  return parse_known(text, *option, value);
}

}  // namespace tcpkit
