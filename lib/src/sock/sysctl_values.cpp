#include <tcpkit/sock/sysctl_values.hpp>

#include <cassert>
#include <utility>

namespace tcpkit {

const SysctlReading& SysctlValues::get(std::string_view name) {
  const Sysctl* row = find_sysctl(name);
  assert(row != nullptr);
  if (readings_.empty()) readings_.resize(sysctls().size());
  auto& slot = readings_[static_cast<std::size_t>(row - sysctls().data())];
  if (!slot) slot = read_sysctl(*row);
  return *slot;
}

std::optional<std::int64_t> SysctlValues::number(std::string_view name, int index) {
  const std::optional<Value>& value = get(name).value;
  if (!value) return std::nullopt;
  if (const auto* scalar = std::get_if<std::int64_t>(&*value)) return *scalar;
  if (const auto* on = std::get_if<bool>(&*value)) return *on ? 1 : 0;
  const auto* numbers = std::get_if<Numbers>(&*value);
  const auto at = static_cast<std::size_t>(index);
  if (numbers == nullptr || at >= numbers->size()) return std::nullopt;
  return (*numbers)[at];
}

std::optional<std::string> SysctlValues::text(std::string_view name) {
  const std::optional<Value>& value = get(name).value;
  if (!value) return std::nullopt;
  const auto* text = std::get_if<std::string>(&*value);
  return text != nullptr ? std::optional(*text) : std::nullopt;
}

void SysctlValues::put(SysctlReading reading) {
  if (readings_.empty()) readings_.resize(sysctls().size());
  readings_[static_cast<std::size_t>(reading.sysctl - sysctls().data())] = std::move(reading);
}

}  // namespace tcpkit
