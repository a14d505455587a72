#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <tcpkit/base/result.hpp>
#include <tcpkit/diag/observation.hpp>
#include <tcpkit/diag/rule.hpp>

namespace tcpkit {

/// The values of a rule's inputs. Each that it needs is there: a rule that lacks one is not asked. Asking for what is
/// no input of the rule is a bug and asserts.
class Inputs {
 public:
  static constexpr std::size_t kMost = 10;

  /// The values of these inputs, or why one of them is not known.
  static Result<Inputs> gather(std::span<const Input> inputs, const Observation& observation, SysctlValues& sysctls);

  [[nodiscard]] std::int64_t option(std::string_view symbol, std::string_view member = {}) const;
  [[nodiscard]] std::string_view option_text(std::string_view symbol) const;
  [[nodiscard]] std::uint64_t info(std::string_view field) const;
  [[nodiscard]] std::uint64_t growth(std::string_view field) const;
  [[nodiscard]] std::int64_t sysctl(std::string_view name, int index = 0) const;
  [[nodiscard]] std::string_view sysctl_text(std::string_view name) const;
  [[nodiscard]] std::uint64_t counter(std::string_view name) const;

  /// Of inputs that may be missing.
  [[nodiscard]] std::optional<std::int64_t> option_if_any(std::string_view symbol) const;
  [[nodiscard]] std::optional<std::int64_t> sysctl_if_any(std::string_view name) const;
  [[nodiscard]] std::optional<std::uint64_t> counter_if_any(std::string_view name) const;

  /// For members of it that are inputs, and for those that are never missing.
  [[nodiscard]] const Observation& observation() const noexcept { return *observation_; }

 private:
  const std::optional<Value>& find(const Input& input) const;
  const Value& value(const Input& input) const;

  std::span<const Input> inputs_;
  std::array<std::optional<Value>, kMost> values_;
  const Observation* observation_ = nullptr;
};

/// Of a rule with the input info("state").
bool is_established(const Inputs& inputs);

/// Short forms for the tables of rules.
constexpr Input option(std::string_view symbol, std::string_view member = {}) {
  return {InputKind::Option, symbol, member};
}
constexpr Input info(std::string_view field) {
  return {InputKind::Info, field};
}
constexpr Input growth(std::string_view field) {
  return {InputKind::Growth, field};
}
constexpr Input sysctl(std::string_view name, int index = 0) {
  return {InputKind::Sysctl, name, {}, index};
}
constexpr Input counter(std::string_view name) {
  return {InputKind::Counter, name};
}
constexpr Input observed(std::string_view member) {
  return {InputKind::Observed, member};
}
constexpr Input if_any(Input input) {
  input.need = Need::IfAny;
  return input;
}
constexpr Input helpful(Input input) {
  input.need = Need::Helpful;
  return input;
}

}  // namespace tcpkit
