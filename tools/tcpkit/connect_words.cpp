#include "connect_words.hpp"

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

#include "console.hpp"

using namespace tcpkit;

void tell_addresses(const std::string& host, std::span<const Endpoint> addresses, Console& console) {
  std::string list;
  for (const Endpoint& address : addresses) list += " " + address.address();
  console.say(1, fmt::format("{} is{}", host, list));
}

void tell_attempt(const Attempt& attempt, Console& console) {
  if (attempt.error) return console.warn(describe(*attempt.error));
  console.say(1, fmt::format("connected to {} in {}", attempt.address.text(), format_duration(attempt.took)));
}

void tell_attempts(std::span<const Attempt> attempts, bool connected, Console& console) {
  if (!connected && !attempts.empty()) attempts = attempts.first(attempts.size() - 1);
  for (const Attempt& attempt : attempts) tell_attempt(attempt, console);
}
