#include "probe_look.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <tcpkit/base/units.hpp>

using namespace tcpkit;

namespace {

std::uint64_t largest(const TcpInfoField& field) {
  constexpr unsigned kBitsPerByte = 8;
  if (field.width >= sizeof(std::uint64_t)) return std::numeric_limits<std::uint64_t>::max();
  return (std::uint64_t{1} << field.width * kBitsPerByte) - 1;
}

double seconds_between(const Look& before, const Look& now) {
  return std::chrono::duration<double>(now.at - before.at).count();
}

bool stands_for_none(const TcpInfoField& field, std::uint64_t number) {
  return std::ranges::any_of(field.special, [&](const NamedNumber& one) { return one.number == number; });
}

bool counts_bytes(const TcpInfoField& field) {
  return field.cumulative && field.unit == Unit::Bytes;
}

bool counts_time(const TcpInfoField& field) {
  return field.cumulative && field.unit == Unit::Microseconds;
}

Shown shown_counter(const TcpInfoField& field, std::uint64_t total, const Look* before, const Look& now) {
  std::optional<double> number = before ? growth_per_second(field, *before, now) : std::nullopt;
  if (number && counts_time(field)) number = static_cast<double>(*share_percent(field, *before, now));
  if (counts_bytes(field) || counts_time(field)) return {number ? chart_number(field, *number) : "-", number};
  const std::uint64_t more = before ? growth(field, *before, now).value_or(0) : 0;
  return {format_value(field, total) + (more > 0 ? fmt::format(" (+{})", more) : ""), number};
}

}  // namespace

Look look_at(int socket) {
  Result<TcpInfo> info = TcpInfo::read(socket);
  const auto now = Clock::now();
  if (!info) return {now, std::nullopt, describe(info.error())};
  return {now, std::move(*info), ""};
}

std::optional<std::uint64_t> number_in(const Look& look, const TcpInfoField& field) {
  return look.info ? look.info->get(field) : std::nullopt;
}

std::optional<std::uint64_t> growth(const TcpInfoField& field, const Look& before, const Look& now) {
  const auto was = number_in(before, field);
  const auto is = number_in(now, field);
  if (!was || !is) return std::nullopt;
  return (*is - *was) & largest(field);
}

std::optional<double> growth_per_second(const TcpInfoField& field, const Look& before, const Look& now) {
  const auto more = growth(field, before, now);
  const double seconds = seconds_between(before, now);
  if (!more || seconds <= 0) return std::nullopt;
  return static_cast<double>(*more) / seconds;
}

std::optional<std::uint64_t> share_percent(const TcpInfoField& field, const Look& before, const Look& now) {
  constexpr double kPercentPerMicrosecond = 100.0 / 1'000'000;
  const auto per_second = growth_per_second(field, before, now);
  if (!per_second) return std::nullopt;
  return static_cast<std::uint64_t>(std::min(100.0, std::round(*per_second * kPercentPerMicrosecond)));
}

Shown shown(const TcpInfoField& field, const Look* before, const Look& now) {
  const auto number = number_in(now, field);
  if (!number) return {"-", std::nullopt};
  if (field.cumulative) return shown_counter(field, *number, before, now);
  if (stands_for_none(field, *number)) return {format_value(field, *number), std::nullopt};
  return {format_value(field, *number), static_cast<double>(*number)};
}

std::string chart_number(const TcpInfoField& field, double number) {
  constexpr double kBitsPerByte = 8;
  if (counts_bytes(field)) return format_bit_rate(static_cast<std::uint64_t>(number * kBitsPerByte));
  if (counts_time(field)) return fmt::format("{:.0f} %", number);
  if (field.cumulative) return fmt::format("{:.3g}/s", number);
  return format_value(field, static_cast<std::uint64_t>(number));
}
