#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tcpkit/net/resolve.hpp>
#include <tcpkit/sock/tcp_info.hpp>

/// TCP_INFO of a connection at one moment, and what became of it since another one.
struct Look {
  tcpkit::Clock::time_point at;
  std::optional<tcpkit::TcpInfo> info;
  std::string reason;  ///< why there is none
};

/// Looks at a connected socket, or at one whose connection is over.
[[nodiscard]] Look look_at(int socket);

/// The raw number; nothing where it was not read or this kernel does not return it.
[[nodiscard]] std::optional<std::uint64_t> number_in(const Look& look, const tcpkit::TcpInfoField& field);

/// How much a cumulative field grew, by the width that its counter has: it may have started again at 0. Nothing where
/// it is missing in either look.
[[nodiscard]] std::optional<std::uint64_t> growth(const tcpkit::TcpInfoField& field, const Look& before,
                                                  const Look& now);

/// The same in a second, by the time that was measured between the two; nothing where there was none.
[[nodiscard]] std::optional<double> growth_per_second(const tcpkit::TcpInfoField& field, const Look& before,
                                                      const Look& now);

/// Of a field that counts time: the part of the time between the looks, in percent, 100 at most. The kernel counts in
/// ticks of its own, and may add more at once than has passed.
[[nodiscard]] std::optional<std::uint64_t> share_percent(const tcpkit::TcpInfoField& field, const Look& before,
                                                         const Look& now);

/// A field as it is shown while it is watched.
struct Shown {
  std::string text;              ///< for people; "-" where there is nothing to show
  std::optional<double> number;  ///< for a chart
};

/// A counter of bytes as a rate, one of time as a share, any other with its growth; without `before`, as a total. All
/// else as it is. What stands for "none" is no number.
[[nodiscard]] Shown shown(const tcpkit::TcpInfoField& field, const Look* before, const Look& now);

/// Shown::number as a text, with its unit: "8.00 Mbit/s", "12 %", "3.5/s", "25.1 ms".
[[nodiscard]] std::string chart_number(const tcpkit::TcpInfoField& field, double number);
