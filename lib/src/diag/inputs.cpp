#include "diag/inputs.hpp"

#include <algorithm>
#include <cassert>
#include <optional>

#include <fmt/format.h>

#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/tcp_info.hpp>

#include "diag/advice.hpp"
#include "diag/observed.hpp"
#include "sock/snapshot_facts.hpp"

namespace tcpkit {
namespace {

Error missing(std::string_view name, std::string_view reason) {
  return bad_value(fmt::format("{}: {}", name, reason));
}

/// The part of a structure or triple that the input means, or the value itself.
std::optional<Value> part(const Input& input, const Value& value) {
  if (const auto* members = std::get_if<Structure>(&value)) {
    const auto member = std::ranges::find(*members, input.member, &Member::name);
    return member == members->end() ? std::nullopt : std::optional<Value>(member->value);
  }
  if (const auto* numbers = std::get_if<Numbers>(&value)) {
    const auto at = static_cast<std::size_t>(input.index);
    return at >= numbers->size() ? std::nullopt : std::optional<Value>((*numbers)[at]);
  }
  if (const auto* on = std::get_if<bool>(&value)) return std::int64_t{*on};
  return value;
}

/// Kernels before 5.15 do not tell whether a buffer was set. On a socket of ours only we can have done it.
std::optional<Value> locks_of_ours(const OptionReading& read, const Observation& observation) {
  const bool untold = read.option->symbol == "SO_BUF_LOCK" && read.reason == "not known to this kernel";
  if (!untold || !observation.ours) return std::nullopt;
  const bool sndbuf = asked_for(observation, {"SO_SNDBUF", "SO_SNDBUFFORCE"}) != nullptr;
  const bool rcvbuf = asked_for(observation, {"SO_RCVBUF", "SO_RCVBUFFORCE"}) != nullptr;
  return Value{(sndbuf ? kSndbufLock : 0) | (rcvbuf ? kRcvbufLock : 0)};
}

Result<Value> option_value(const Input& input, const Observation& observation) {
  const Snapshot& snapshot = observation.snapshot;
  const auto read =
      std::ranges::find(snapshot.options, input.name, [](const OptionReading& r) { return r.option->symbol; });
  if (read == snapshot.options.end()) return missing(input.name, "not read");
  if (const auto locks = locks_of_ours(*read, observation)) return *locks;
  if (!read->value) return missing(input.name, read->reason);
  const std::optional<Value> value = part(input, *read->value);
  return value ? Result<Value>(*value) : missing(input.name, "this kernel does not tell");
}

std::string_view why_no_info(const Snapshot& snapshot) {
  return snapshot.info_reason.empty() ? std::string_view("not read") : snapshot.info_reason;
}

Result<Value> info_value(const Input& input, const Snapshot& snapshot) {
  const std::string name = fmt::format("tcpi_{}", input.name);
  if (!snapshot.info) return missing(name, why_no_info(snapshot));
  const std::optional<std::uint64_t> number = snapshot.info->get(input.name);
  return number ? Result<Value>(Value{*number}) : missing(name, "this kernel does not return it");
}

/// A counter that went back is not a counter of the same connection.
Result<Value> growth_value(const Input& input, const Observation& observation) {
  Result<Value> now = info_value(input, observation.snapshot);
  if (!now || !observation.info_before) return now;
  const std::optional<std::uint64_t> before = observation.info_before->get(input.name);
  const auto after = std::get<std::uint64_t>(*now);
  if (!before || *before > after)
    return missing(fmt::format("tcpi_{}", input.name), "not known of the interval's begin");
  return Value{after - *before};
}

Result<Value> sysctl_value(const Input& input, SysctlValues& sysctls) {
  const SysctlReading& read = sysctls.get(input.name);
  if (!read.value) return missing(input.name, read.reason);
  const std::optional<Value> value = part(input, *read.value);
  return value ? Result<Value>(*value) : missing(input.name, "it has fewer numbers than expected");
}

Result<Value> counter_value(const Input& input, const Observation& observation) {
  if (!observation.counters_before || !observation.counters) {
    return missing(input.name, "a counter of the network namespace: it takes an interval to see it grow");
  }
  const auto before = observation.counters_before->get(input.name);
  const auto after = observation.counters->get(input.name);
  if (!before || !after || *before > *after) return missing(input.name, "this kernel does not show it");
  return Value{*after - *before};
}

Result<Value> observed_value(const Input& input, const Observation& observation) {
  const Observed& row = find_observed(input.name);
  return row.known(observation) ? Result<Value>(Value{true}) : missing(row.label, row.reason);
}

Result<Value> value_of(const Input& input, const Observation& observation, SysctlValues& sysctls) {
  switch (input.kind) {
    case InputKind::Option:
      return option_value(input, observation);
    case InputKind::Info:
      return info_value(input, observation.snapshot);
    case InputKind::Growth:
      return growth_value(input, observation);
    case InputKind::Sysctl:
      return sysctl_value(input, sysctls);
    case InputKind::Counter:
      return counter_value(input, observation);
    case InputKind::Observed:
      return observed_value(input, observation);
  }
  return missing(input.name, "not known");
}

/// A reading that failed tells nothing of what is there: it is no absence.
bool can_do_without(const Input& input, const Error& missing) {
  if (input.need != Need::IfAny) return input.need == Need::Helpful;
  return missing.doing.find(": unreadable") == std::string::npos &&
         missing.doing.find(": not read") == std::string::npos;
}

bool same(const Input& a, const Input& b) {
  return a.kind == b.kind && a.name == b.name && a.member == b.member && a.index == b.index;
}

template <class T>
const T& as(const Value& value) {
  const T* held = std::get_if<T>(&value);
  assert(held != nullptr);
  return *held;
}

constexpr std::uint64_t kEstablished = 1;  // TCP_ESTABLISHED of include/net/tcp_states.h

}  // namespace

bool is_established(const Inputs& inputs) {
  return inputs.info("state") == kEstablished;
}

Result<Inputs> Inputs::gather(std::span<const Input> inputs, const Observation& observation, SysctlValues& sysctls) {
  assert(inputs.size() <= kMost);
  Inputs result;
  result.inputs_ = inputs;
  result.observation_ = &observation;
  for (std::size_t at = 0; at < inputs.size(); ++at) {
    Result<Value> value = value_of(inputs[at], observation, sysctls);
    if (value) {
      result.values_[at] = std::move(*value);
    } else if (!can_do_without(inputs[at], value.error())) {
      return value.error();
    }
  }
  return result;
}

const std::optional<Value>& Inputs::find(const Input& input) const {
  const auto found = std::ranges::find_if(inputs_, [&](const Input& other) { return same(input, other); });
  assert(found != inputs_.end());
  return values_[static_cast<std::size_t>(found - inputs_.begin())];
}

const Value& Inputs::value(const Input& input) const {
  const std::optional<Value>& held = find(input);
  assert(held.has_value());
  return *held;
}

std::int64_t Inputs::option(std::string_view symbol, std::string_view member) const {
  const Value& held = value(tcpkit::option(symbol, member));
  if (const auto* large = std::get_if<std::uint64_t>(&held)) return static_cast<std::int64_t>(*large);
  return as<std::int64_t>(held);
}

std::string_view Inputs::option_text(std::string_view symbol) const {
  return as<std::string>(value(tcpkit::option(symbol)));
}

std::uint64_t Inputs::info(std::string_view field) const {
  return as<std::uint64_t>(value(tcpkit::info(field)));
}

std::uint64_t Inputs::growth(std::string_view field) const {
  return as<std::uint64_t>(value(tcpkit::growth(field)));
}

std::int64_t Inputs::sysctl(std::string_view name, int index) const {
  return as<std::int64_t>(value(tcpkit::sysctl(name, index)));
}

std::string_view Inputs::sysctl_text(std::string_view name) const {
  return as<std::string>(value(tcpkit::sysctl(name)));
}

std::uint64_t Inputs::counter(std::string_view name) const {
  return as<std::uint64_t>(value(tcpkit::counter(name)));
}

std::optional<std::int64_t> Inputs::option_if_any(std::string_view symbol) const {
  return find(tcpkit::option(symbol)) ? std::optional(option(symbol)) : std::nullopt;
}

std::optional<std::int64_t> Inputs::sysctl_if_any(std::string_view name) const {
  return find(tcpkit::sysctl(name)) ? std::optional(sysctl(name)) : std::nullopt;
}

std::optional<std::uint64_t> Inputs::counter_if_any(std::string_view name) const {
  return find(tcpkit::counter(name)) ? std::optional(counter(name)) : std::nullopt;
}

}  // namespace tcpkit
