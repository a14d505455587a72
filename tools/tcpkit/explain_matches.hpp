#pragma once

#include <string_view>
#include <vector>

#include <tcpkit/diag/rule.hpp>
#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/sysctl.hpp>
#include <tcpkit/sock/tcp_info.hpp>

/// The rows one name stands for. The last part of a sysctl's name can belong to several.
struct Matches {
  const tcpkit::Option* option = nullptr;
  std::vector<const tcpkit::Sysctl*> sysctls = {};
  const tcpkit::TcpInfoField* field = nullptr;
  const tcpkit::Rule* rule = nullptr;

  [[nodiscard]] bool empty() const { return !option && sysctls.empty() && !field && !rule; }
};

/// Looks a name up in all tables. Options go by name or symbol, sysctls by full name, last part or path, fields by
/// name, key or tcpi_ name, findings by id or name.
[[nodiscard]] Matches find_matches(std::string_view name);

/// What stands for all findings.
inline constexpr std::string_view kFindingsTopic = "findings";

/// The nearest name in any table, or empty.
[[nodiscard]] std::string_view nearest_row(std::string_view name);
