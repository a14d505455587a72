#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <tcpkit/base/api.hpp>
#include <tcpkit/diag/observation.hpp>
#include <tcpkit/diag/rule.hpp>
#include <tcpkit/sock/sysctl_values.hpp>

/// What is wrong, why, and what mends it.
namespace tcpkit {

/// A rule that applies. A plain value.
struct Finding {
  const Rule* rule = nullptr;
  Severity severity = Severity::Note;
  std::vector<Evidence> evidence;
  std::string why;
  std::string remedy;
};

/// A rule that could not be asked.
struct Unchecked {
  const Rule* rule = nullptr;
  std::string reason;  ///< which input is missing, and why
};

struct Diagnosis {
  std::vector<Finding> findings;       ///< the most severe first, then by id
  std::vector<Unchecked> not_checked;  ///< by id
  std::size_t checked = 0;             ///< rules that had all they need, those included that found something
};

/// Asks every rule about the socket, but those in `ignored`, and those about another kind of socket, which are neither
/// checked nor not checked. Touches no socket; reads the sysctls that rules need. Thread-safe for distinct arguments.
[[nodiscard]] TCPKIT_API Diagnosis diagnose(const Observation& observation, SysctlValues& sysctls,
                                            std::span<const Rule* const> ignored = {});

/// The most severe finding; nothing when there is none. Pure.
[[nodiscard]] TCPKIT_API std::optional<Severity> worst(const Diagnosis& diagnosis) noexcept;

}  // namespace tcpkit
