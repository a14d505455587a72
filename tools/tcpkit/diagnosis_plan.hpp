#pragma once

#include <array>
#include <optional>
#include <vector>

#include <tcpkit/base/result.hpp>
#include <tcpkit/diag/diagnose.hpp>

#include "choices.hpp"
#include "exit_code.hpp"

class Args;

inline constexpr std::array kSeverities{
    Meaning<tcpkit::Severity>{"note", tcpkit::Severity::Note},
    Meaning<tcpkit::Severity>{"warning", tcpkit::Severity::Warning},
    Meaning<tcpkit::Severity>{"error", tcpkit::Severity::Error},
};

/// What is expected of a connection, and what is to follow from a finding.
struct DiagnosisPlan {
  tcpkit::Expectations expected;
  std::vector<const tcpkit::Rule*> ignored;
  std::optional<tcpkit::Severity> fail_on;
};

/// The flags of finding_flags(). Pure.
[[nodiscard]] tcpkit::Result<void> read_diagnosis(const Args& args, DiagnosisPlan& plan);

/// Whether a finding is as bad as --fail-on says, or worse.
[[nodiscard]] bool fails(const DiagnosisPlan& plan, const tcpkit::Diagnosis& diagnosis);
