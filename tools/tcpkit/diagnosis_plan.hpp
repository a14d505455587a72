#pragma once

#include <optional>
#include <vector>

#include <tcpkit/base/result.hpp>
#include <tcpkit/diag/diagnose.hpp>

#include "exit_code.hpp"

class Args;

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
