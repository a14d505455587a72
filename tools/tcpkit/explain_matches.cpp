#include "explain_matches.hpp"

#include <tcpkit/base/spelling.hpp>

namespace {

std::string_view last_part(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

}  // namespace

Matches find_matches(std::string_view name) {
  constexpr std::string_view kProc = "/proc/sys/";
  const std::string_view sysctl = name.starts_with(kProc) ? name.substr(kProc.size()) : name;
  return {.option = tcpkit::find_option(name),
          .sysctl = tcpkit::find_sysctl(sysctl),
          .field = tcpkit::find_tcp_info_field(name)};
}

std::string_view nearest_row(std::string_view name) {
  std::vector<std::string_view> names;
  for (const tcpkit::Option& row : tcpkit::options()) names.insert(names.end(), {row.name, row.symbol});
  for (const tcpkit::Sysctl& row : tcpkit::sysctls()) names.insert(names.end(), {row.name, last_part(row.name)});
  for (const tcpkit::TcpInfoField& row : tcpkit::tcp_info_fields()) names.insert(names.end(), {row.name, row.key});
  return tcpkit::nearest(name, names);
}
