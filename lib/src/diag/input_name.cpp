#include <fmt/format.h>

#include <tcpkit/diag/rule.hpp>
#include <tcpkit/sock/sysctl.hpp>

#include "diag/observed.hpp"

namespace tcpkit {
namespace {

std::string sysctl_input_name(const Input& input) {
  const Sysctl* row = find_sysctl(input.name);
  const bool one_of_several = row != nullptr && row->kind == SysctlKind::Triple;
  return one_of_several ? fmt::format("{}[{}]", input.name, input.index) : std::string(input.name);
}

}  // namespace

std::string input_name(const Input& input) {
  switch (input.kind) {
    case InputKind::Option:
      return input.member.empty() ? std::string(input.name) : fmt::format("{} {}", input.name, input.member);
    case InputKind::Info:
      return fmt::format("tcpi_{}", input.name);
    case InputKind::Growth:
      return fmt::format("growth of tcpi_{}", input.name);
    case InputKind::Sysctl:
      return sysctl_input_name(input);
    case InputKind::Counter:
      return fmt::format("growth of TcpExt {}", input.name);
    case InputKind::Observed:
      return std::string(find_observed(input.name).label);
  }
  return std::string(input.name);
}

}  // namespace tcpkit
