#include "error_name.hpp"

#include <netdb.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include <tcpkit/base/result.hpp>

namespace {

struct ResolverName {
  int code;
  std::string_view name;
};

constexpr std::array kResolverNames{
    ResolverName{EAI_ADDRFAMILY, "EAI_ADDRFAMILY"}, ResolverName{EAI_AGAIN, "EAI_AGAIN"},
    ResolverName{EAI_BADFLAGS, "EAI_BADFLAGS"},     ResolverName{EAI_FAIL, "EAI_FAIL"},
    ResolverName{EAI_FAMILY, "EAI_FAMILY"},         ResolverName{EAI_MEMORY, "EAI_MEMORY"},
    ResolverName{EAI_NODATA, "EAI_NODATA"},         ResolverName{EAI_NONAME, "EAI_NONAME"},
    ResolverName{EAI_OVERFLOW, "EAI_OVERFLOW"},     ResolverName{EAI_SERVICE, "EAI_SERVICE"},
    ResolverName{EAI_SOCKTYPE, "EAI_SOCKTYPE"},     ResolverName{EAI_SYSTEM, "EAI_SYSTEM"},
};

std::string unnamed(const std::error_code& code) {
  return std::string(code.category().name()) + ":" + std::to_string(code.value());
}

}  // namespace

std::string error_name(const std::error_code& code) {
  if (code == tcpkit::Errc::bad_value) return "bad_value";
  if (code == tcpkit::Errc::unsupported_option) return "unsupported_option";
  if (code.category() == tcpkit::resolver_category()) {
    const auto* row = std::ranges::find(kResolverNames, code.value(), &ResolverName::code);
    return row == kResolverNames.end() ? unnamed(code) : std::string(row->name);
  }
  const bool is_errno = code.category() == std::system_category() || code.category() == std::generic_category();
  const char* name = is_errno ? ::strerrorname_np(code.value()) : nullptr;
  return name ? name : unnamed(code);
}
