#include <tcpkit/sock/option.hpp>

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <tcpkit/sock/unit.hpp>

#include "base/letters.hpp"
#include "base/split.hpp"
#include "sock/named_numbers.hpp"

namespace tcpkit {
namespace {

std::string format_linger(const Structure& value) {
  const bool on = value.at(0).value != 0;
  return on ? format_value(Value{value.at(1).value}, Unit::Seconds) : "off";
}

/// The one number of a value that `special` and `names` are about, if it has one.
std::optional<std::uint64_t> number_of(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return static_cast<std::uint64_t>(*number);
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return *number;
  const auto* numbers = std::get_if<Numbers>(&value);
  const bool all_zero = numbers != nullptr && std::ranges::all_of(*numbers, [](auto number) { return number == 0; });
  return all_zero ? std::optional<std::uint64_t>(0) : std::nullopt;
}

}  // namespace

const Option* find_option(std::string_view spelling) noexcept {
  const auto rows = options();
  const auto exact = std::ranges::find(rows, spelling, &Option::symbol);  // as the other tables spell it
  if (exact != rows.end()) return &*exact;
  const auto found = std::ranges::find_if(rows, [spelling](const Option& row) {
    return same_spelling(row.name, spelling) || same_spelling(row.symbol, spelling);
  });
  return found == rows.end() ? nullptr : &*found;
}

const Option* find_option(int level, int number) noexcept {
  const auto rows = options();
  const auto found =
      std::ranges::find_if(rows, [=](const Option& row) { return row.level == level && row.number == number; });
  return found == rows.end() ? nullptr : &*found;
}

std::string level_name(int level) {
  switch (level) {
    case SOL_SOCKET:
      return "SOL_SOCKET";
    case IPPROTO_TCP:
      return "IPPROTO_TCP";
    case IPPROTO_IP:
      return "IPPROTO_IP";
    case IPPROTO_IPV6:
      return "IPPROTO_IPV6";
    default:
      return fmt::format("{}", level);
  }
}

std::vector<std::string_view> governing_sysctls(const Option& option) {
  return words(option.sysctls);
}

std::string format_value(const Option& option, const Value& value) {
  if (option.kind == Kind::Linger) return format_linger(std::get<Structure>(value));
  const auto number = number_of(value);
  if (!number) return format_value(value, option.unit);
  if (const auto name = name_of(option.special, *number); !name.empty()) return std::string(name);
  if (option.kind == Kind::Flags) return format_flags(option.names, *number);
  if (const auto name = name_of(option.names, *number); !name.empty()) return std::string(name);
  return format_value(value, option.unit);
}

}  // namespace tcpkit
