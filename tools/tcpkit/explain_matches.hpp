#pragma once

#include <string>
#include <string_view>

#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/sysctl.hpp>
#include <tcpkit/sock/tcp_info.hpp>

/// The rows one name stands for, at most one in each table.
struct Matches {
  const tcpkit::Option* option = nullptr;
  const tcpkit::Sysctl* sysctl = nullptr;
  const tcpkit::TcpInfoField* field = nullptr;

  [[nodiscard]] bool empty() const { return !option && !sysctl && !field; }
};

/// Looks a name up in all tables. Options go by name or symbol, sysctls by full name, last part or path, fields by
/// name, key or tcpi_ name.
[[nodiscard]] Matches find_matches(std::string_view name);

/// The nearest name in any table, or empty.
[[nodiscard]] std::string_view nearest_row(std::string_view name);
