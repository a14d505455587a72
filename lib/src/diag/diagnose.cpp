#include <tcpkit/diag/diagnose.hpp>

#include <algorithm>

#include "diag/inputs.hpp"
#include "sock/listen_queue.hpp"

namespace tcpkit {
namespace {

bool is_listener(const Observation& observation) {
  if (observation.accept_queue) return true;
  return observation.snapshot.info && observation.snapshot.info->get("state") == kListenState;
}

bool is_about(const Rule& rule, Subject subject) {
  return rule.subject == Subject::Any || rule.subject == subject;
}

Finding finding_of(const Rule& rule, Symptom symptom) {
  Finding finding;
  finding.rule = &rule;
  finding.severity = symptom.severity.value_or(rule.severity);
  finding.evidence = std::move(symptom.evidence);
  finding.why = symptom.why.empty() ? std::string(rule.why) : std::move(symptom.why);
  finding.remedy = symptom.remedy.empty() ? std::string(rule.remedy) : std::move(symptom.remedy);
  return finding;
}

void ask(const Rule& rule, const Observation& observation, SysctlValues& sysctls, Diagnosis& diagnosis) {
  const Result<Inputs> inputs = Inputs::gather(rule.inputs, observation, sysctls);
  if (!inputs) {
    diagnosis.not_checked.push_back({&rule, inputs.error().doing});
    return;
  }
  ++diagnosis.checked;
  std::optional<Symptom> symptom = rule.check(*inputs);
  if (symptom) diagnosis.findings.push_back(finding_of(rule, std::move(*symptom)));
}

}  // namespace

Diagnosis diagnose(const Observation& observation, SysctlValues& sysctls, std::span<const Rule* const> ignored) {
  Diagnosis diagnosis;
  const Subject subject = is_listener(observation) ? Subject::Listener : Subject::Connection;
  for (const Rule& rule : rules()) {
    if (!is_about(rule, subject) || std::ranges::find(ignored, &rule) != ignored.end()) continue;
    ask(rule, observation, sysctls, diagnosis);
  }
  std::ranges::stable_sort(diagnosis.findings, std::greater<>(), &Finding::severity);
  return diagnosis;
}

std::optional<Severity> worst(const Diagnosis& diagnosis) noexcept {
  if (diagnosis.findings.empty()) return std::nullopt;
  return std::ranges::max_element(diagnosis.findings, {}, &Finding::severity)->severity;
}

}  // namespace tcpkit
