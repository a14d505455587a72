#include <tcpkit/diag/rule.hpp>

#include <algorithm>

#include "base/letters.hpp"
#include "diag/rule_groups.hpp"

namespace tcpkit {
namespace {

std::vector<Rule> all_rules() {
  std::vector<Rule> all;
  for (const auto group : {buffer_rules, window_rules, delay_rules, pace_rules, keepalive_rules, death_rules,
                           listener_rules, path_rules, host_rules, option_rules}) {
    const std::span<const Rule> rows = group();
    all.insert(all.end(), rows.begin(), rows.end());
  }
  std::ranges::sort(all, {}, &Rule::id);
  return all;
}

}  // namespace

std::string_view severity_name(Severity severity) noexcept {
  switch (severity) {
    case Severity::Note:
      return "note";
    case Severity::Warning:
      return "warning";
    case Severity::Error:
      return "error";
  }
  return "note";
}

std::span<const Rule> rules() {
  static const std::vector<Rule> kRules = all_rules();
  return kRules;
}

const Rule* find_rule(std::string_view spelling) {
  const auto rows = rules();
  const auto found = std::ranges::find_if(rows, [spelling](const Rule& row) {
    return same_spelling(row.id, spelling) || same_spelling(row.name, spelling);
  });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace tcpkit
