#include <tcpkit/diag/rule.hpp>

#include <algorithm>
#include <set>

#include <tcpkit/sock/option.hpp>
#include <tcpkit/sock/sysctl.hpp>
#include <tcpkit/sock/tcp_info.hpp>

#include "diag/inputs.hpp"
#include "diag/observed.hpp"
#include "diag/scene.hpp"
#include "support/catch.hpp"

using namespace tcpkit;
using namespace tcpkit::test;

namespace {

std::vector<RuleCase> all_cases() {
  std::vector<RuleCase> all;
  for (const auto group : {buffer_cases, window_cases, delay_cases, pace_cases, keepalive_cases, death_cases,
                           listener_cases, path_cases, host_cases, option_cases}) {
    for (RuleCase& one : group()) all.push_back(std::move(one));
  }
  return all;
}

bool names_a_row(const Input& input) {
  switch (input.kind) {
    case InputKind::Option:
      return find_option(input.name) != nullptr && find_option(input.name)->symbol == input.name;
    case InputKind::Info:
    case InputKind::Growth:
      return find_tcp_info_field(input.name) != nullptr && find_tcp_info_field(input.name)->name == input.name;
    case InputKind::Sysctl:
      return find_sysctl(input.name) != nullptr && find_sysctl(input.name)->name == input.name;
    case InputKind::Counter:
      return true;
    case InputKind::Observed:
      return find_observed(input.name).known != nullptr;
  }
  return false;
}

}  // namespace

TEST_CASE("every rule is told in full, once, by names that exist") {
  std::set<std::string_view> ids;
  std::set<std::string_view> names;
  for (const Rule& rule : rules()) {
    INFO(rule.id);
    CHECK(ids.insert(rule.id).second);
    CHECK(names.insert(rule.name).second);
    CHECK_FALSE(rule.title.empty());
    CHECK(rule.condition.ends_with('.'));
    CHECK(rule.why.ends_with('.'));
    CHECK_FALSE(rule.remedy.empty());
    CHECK_FALSE(rule.source.empty());
    CHECK(rule.inputs.size() <= Inputs::kMost);
    CHECK_FALSE(rule.inputs.empty());
    CHECK(rule.check != nullptr);
    CHECK(std::ranges::all_of(rule.inputs, names_a_row));
  }
}

TEST_CASE("every rule has a case of its own") {
  std::multiset<std::string_view> told;
  for (const RuleCase& one : all_cases()) told.insert(one.id);
  for (const Rule& rule : rules()) {
    INFO(rule.id);
    CHECK(told.count(rule.id) == 1);
  }
}

TEST_CASE("a rule finds what it is about, and nothing just below its threshold") {
  for (RuleCase& one : all_cases()) {
    INFO(one.id);
    CHECK(finding(one.fires.diagnose(), one.id) != nullptr);
    const Diagnosis below = one.just_below.diagnose();
    CHECK(finding(below, one.id) == nullptr);
    CHECK(unchecked(below, one.id) == nullptr);
  }
}

TEST_CASE("a rule that lacks any of its inputs says that it was not checked, and why") {
  for (const RuleCase& one : all_cases()) {
    for (const Input& input : find_rule(one.id)->inputs) {
      if (input.need != Need::Always) continue;
      INFO(one.id << " without " << input.name);
      Scene scene = one.fires;
      scene.remove(input);
      const Diagnosis diagnosis = scene.diagnose();
      CHECK(finding(diagnosis, one.id) == nullptr);
      const Unchecked* told = unchecked(diagnosis, one.id);
      REQUIRE(told != nullptr);
      CHECK(told->reason.find(": ") != std::string::npos);
    }
  }
}

TEST_CASE("a rule does without an input that is not there, but not without one that could not be read") {
  for (const RuleCase& one : all_cases()) {
    for (const Input& input : find_rule(one.id)->inputs) {
      if (input.need == Need::Always) continue;
      INFO(one.id << " without " << input.name);
      Scene absent = one.just_below;
      if (input.kind != InputKind::Option) absent.remove(input);
      CHECK(unchecked(absent.diagnose(), one.id) == nullptr);
      if (input.kind != InputKind::Option) continue;
      Scene unreadable = one.fires;
      unreadable.remove(input);
      CHECK((unchecked(unreadable.diagnose(), one.id) != nullptr) == (input.need == Need::IfAny));
    }
  }
}

TEST_CASE("evidence is in whole numbers with their units in the key, and every text is one") {
  for (RuleCase& one : all_cases()) {
    const Diagnosis diagnosis = one.fires.diagnose();
    for (const Finding& found : diagnosis.findings) {
      INFO(found.rule->id);
      CHECK_FALSE(found.why.empty());
      CHECK_FALSE(found.remedy.empty());
      std::set<std::string> keys;
      for (const Evidence& seen : found.evidence) CHECK(keys.insert(evidence_key(seen)).second);
    }
  }
}

TEST_CASE("nothing above a note is found on sockets as they come") {
  const Diagnosis idle = healthy_connection().diagnose();
  for (const Finding& found : idle.findings) {
    INFO(found.rule->id);
    CHECK(found.severity == Severity::Note);
  }
  CHECK(healthy_listener().diagnose().findings.empty());
}

TEST_CASE("a rule is found by id and by name, in any spelling") {
  CHECK(find_rule("f05") == find_rule("rwnd-limited"));
  CHECK(find_rule("RWND_LIMITED") == find_rule("F05"));
  CHECK(find_rule("F00") == nullptr);
}
