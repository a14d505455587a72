#pragma once

#include <optional>
#include <string>

#include <tcpkit/report/report.hpp>
#include <tcpkit/sock/tcp_info.hpp>

/// TCP_INFO by field, with the unit in the key; a field that this kernel does not return is null.
[[nodiscard]] tcpkit::Data tcp_info_data(const tcpkit::TcpInfo& info);

/// All fields under `key`, which is null where there is no `info`, and the reason beside it. People see them with
/// --all.
[[nodiscard]] tcpkit::Section tcp_info_section(const std::string& key, const std::string& title,
                                               const std::optional<tcpkit::TcpInfo>& info, const std::string& reason);
