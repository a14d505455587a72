// Prints one line for each row of the catalogue, read from an inherited descriptor:
// SYMBOL LEVEL NUMBER KIND SIZE ACCESS VALUE, or "?reason" for the value. The oracle test compares them.

#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/reading.hpp>

namespace {

using namespace tcpkit;

std::string plain(const Value& value) {
  const auto text = [](const auto& held) -> std::string {
    using Held = std::decay_t<decltype(held)>;
    if constexpr (std::is_same_v<Held, bool>) return held ? "1" : "0";
    if constexpr (std::is_same_v<Held, std::string>) return held;
    if constexpr (std::is_same_v<Held, Numbers>) return fmt::format("{}", fmt::join(held, ","));
    if constexpr (std::is_same_v<Held, std::int64_t> || std::is_same_v<Held, std::uint64_t>) {
      return fmt::format("{}", held);
    }
    if constexpr (std::is_same_v<Held, Structure>) {
      Numbers numbers;
      for (const Member& member : held) numbers.push_back(member.value);
      return fmt::format("{}", fmt::join(numbers, ","));
    }
  };
  return std::visit(text, value);
}

const char* kind_name(Kind kind) {
  constexpr const char* kNames[] = {"Switch",    "Integer", "Unsigned32", "Unsigned64", "Enumeration",
                                    "Flags",     "Name",    "Linger",     "Timeval",    "NetworkIndex",
                                    "PortRange", "Words",   "Bytes",      "Address"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

int main(int argc, char** argv) {
  int socket = -1;
  if (argc != 2 || std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), socket).ec != std::errc()) return 2;
  for (const Option& row : options()) {
    const OptionReading reading = read_option(socket, row);
    const std::string value = reading.value ? plain(*reading.value) : "?" + reading.reason;
    fmt::print("{} {} {} {} {} {}\n", row.symbol, row.level, row.number, kind_name(row.kind), row.size, value);
  }
  return 0;
}
