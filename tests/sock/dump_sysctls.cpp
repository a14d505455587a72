// Prints what the library makes of every sysctl, one line each: name, scope, then "=" and the value as the file would
// have it, or "!" and the reason why there is none. The scripts beside it compare that with the files.
#include <cstdio>
#include <string>

#include <fmt/format.h>

#include <tcpkit/sock/sysctl.hpp>

namespace {

using namespace tcpkit;

struct AsInFile {
  std::string operator()(bool on) const { return on ? "1" : "0"; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(std::uint64_t number) const { return std::to_string(number); }
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(const Numbers& numbers) const { return fmt::format("{}", fmt::join(numbers, " ")); }
  std::string operator()(const Structure&) const { return "a structure"; }
};

const char* scope_symbol(Scope scope) {
  switch (scope) {
    case Scope::Namespace:
      return "Namespace";
    case Scope::Global:
      return "Global";
    case Scope::GlobalInitOnly:
      return "GlobalInitOnly";
  }
  return "?";
}

}  // namespace

int main() {
  for (const Sysctl& sysctl : sysctls()) {
    const SysctlReading reading = read_sysctl(sysctl);
    const std::string result = reading.value ? "=" + std::visit(AsInFile{}, *reading.value) : "!" + reading.reason;
    fmt::print("{}\t{}\t{}\n", sysctl.name, scope_symbol(sysctl.scope), result);
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}
