#include <algorithm>

#include <fmt/format.h>

#include <tcpkit/base/spelling.hpp>
#include <tcpkit/base/units.hpp>
#include <tcpkit/report/connection.hpp>

#include "base/letters.hpp"
#include "base/split.hpp"

namespace tcpkit {
namespace {

/// "cwnd", which stands in lists, too.
bool add_as_ss(Selection& selection, std::string_view name) {
  const auto same = [&](const TcpInfoField& row) { return !row.ss_name.empty() && same_spelling(row.ss_name, name); };
  const auto fields = tcp_info_fields();
  const auto field = std::ranges::find_if(fields, same);
  if (field == fields.end()) return false;
  selection.fields.push_back(&*field);
  return true;
}

bool add(Selection& selection, std::string_view name) {
  const Option* option = find_option(name);
  const Sysctl* sysctl = find_sysctl(name);
  const TcpInfoField* field = find_tcp_info_field(name);
  if (option != nullptr) selection.options.push_back(option);
  if (sysctl != nullptr) selection.sysctls.push_back(sysctl);
  if (field != nullptr) selection.fields.push_back(field);
  return option != nullptr || sysctl != nullptr || field != nullptr || add_as_ss(selection, name);
}

Error unknown(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Option& row : options()) names.push_back(row.name);
  for (const Sysctl& row : sysctls()) names.push_back(row.name);
  for (const TcpInfoField& row : tcp_info_fields()) names.push_back(row.name);
  const std::string_view near = nearest(name, names);
  return bad_value(fmt::format("{} is no socket option, sysctl or TCP_INFO field{}", quote(name),
                               near.empty() ? "" : fmt::format(": did you mean {}?", near)));
}

}  // namespace

Result<Selection> parse_selection(std::string_view names) {
  Selection selection;
  for (const std::string_view name : split(names, ',')) {
    if (!add(selection, name)) return unknown(name);
  }
  return selection;
}

}  // namespace tcpkit
