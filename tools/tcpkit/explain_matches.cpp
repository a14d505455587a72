#include "explain_matches.hpp"

#include <tcpkit/base/spelling.hpp>

namespace {

std::string_view last_part(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

std::vector<const tcpkit::Sysctl*> find_sysctls(std::string_view name) {
  if (const tcpkit::Sysctl* only = tcpkit::find_sysctl(name)) return {only};
  std::vector<const tcpkit::Sysctl*> found;
  for (const tcpkit::Sysctl& row : tcpkit::sysctls()) {
    if (last_part(row.name) == name) found.push_back(&row);
  }
  return found;
}

}  // namespace

Matches find_matches(std::string_view name) {
  return {.option = tcpkit::find_option(name),
          .sysctls = find_sysctls(name),
          .field = tcpkit::find_tcp_info_field(name),
          .rule = tcpkit::find_rule(name)};
}

std::string_view nearest_row(std::string_view name) {
  std::vector<std::string_view> names;
  for (const tcpkit::Option& row : tcpkit::options()) names.insert(names.end(), {row.name, row.symbol});
  for (const tcpkit::Sysctl& row : tcpkit::sysctls()) names.insert(names.end(), {row.name, last_part(row.name)});
  for (const tcpkit::TcpInfoField& row : tcpkit::tcp_info_fields()) names.insert(names.end(), {row.name, row.key});
  for (const tcpkit::Rule& row : tcpkit::rules()) names.insert(names.end(), {row.id, row.name});
  names.push_back(kFindingsTopic);
  return tcpkit::nearest(name, names);
}
